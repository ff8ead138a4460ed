import type { agent as english } from '../en/agent.ts';

export const agent = {
  'agent.help':
    'Агент Farmstead: запускает экземпляры на одном сервере и следит за ними.\n\n  run --home ПАПКА          запустить агента этой папки\n      --listen АДРЕС:ПОРТ   где его находит ядро (127.0.0.1:7443)\n      --https АДРЕС:ПОРТ    куда приходят посетители (0.0.0.0:443)\n      --http АДРЕС:ПОРТ     откуда посетителей переводят на HTTPS (0.0.0.0:80)\n      --simulate memoryBytes=N,cpuMillicores=N,diskBytes=N\n                            показывать эти мощности с пометкой «имитация»\n      --edge-bundle ФАЙЛ    какой входной узел запускать (edge.cjs рядом с агентом)\n  code --home ПАПКА         показать код подключения для рабочего стола фермы\n  --version                 показать версию\n  --help                    показать эту справку',
  'agent.wrong': '«{argument}»: не указано или не понято. Что можно указать, покажет --help.',
  'agent.already': 'Агент папки {home} уже работает (процесс {processId}). Ничего не запущено.',
  'agent.code.shown':
    'Код подключения: {code}\nВведите его на рабочем столе фермы, где добавляют сервер. Код действует один раз, ещё {minutes, plural, one {# минуту} few {# минуты} many {# минут} other {# минуты}}.',
  'agent.code.none': 'В папке {home} нет кода подключения: агент уже принадлежит ферме или не запущен.',
} satisfies Record<keyof typeof english, string>;
