import { useShallow } from 'zustand/react/shallow';
import { sayWorry } from '../../lib/say-worry.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectIsOld, selectWorries, useMirror } from '../../stores/mirror.ts';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { WorryList, WorryRow } from '../../ui/worry-list.tsx';

/** Everything that wants a person: worst first, each with one button that leads into its cure. */
export function DeskWorries() {
  const words = useWords();
  const worries = useMirror(selectWorries);
  const isOld = useMirror(selectIsOld);
  const jobs = useMirror(useShallow((mirror) => worries.map((worry) => mirror.data?.jobs.get(worry.target.id))));
  return (
    <WorryList label={words('desk.worries')}>
      {worries.map((worry, index) => {
        const said = sayWorry(words, worry, worry.target.kind === 'job' ? jobs[index] : undefined);
        return (
          <WorryRow
            key={worry.id}
            state={isOld ? 'unknown' : worry.mark}
            word={said.word}
            title={said.title}
            href={said.href}
            age={worry.target.kind === 'certificate' ? undefined : <RelativeTime timeMs={worry.sinceMs} isOld={isOld} />}
            cause={said.cause}
            act={<Button href={said.href}>{said.act}</Button>}
          />
        );
      })}
    </WorryList>
  );
}
