/** Cuts what comes into lines; `tooLong` is called once, and nothing after it, when one does not end within so many characters. */
export function createLines(mostCharacters: number, onLine: (line: string) => void, tooLong: () => void): (piece: string) => void {
  let pieces: string[] = [];
  let length = 0;
  let isOver = false;
  return (piece) => {
    let from = 0;
    for (let end = piece.indexOf('\n'); end !== -1 && !isOver; end = piece.indexOf('\n', from)) {
      const line = [...pieces, piece.slice(from, end)].join('');
      [pieces, length, from] = [[], 0, end + 1];
      isOver = line.length > mostCharacters;
      if (!isOver) onLine(line);
    }
    if (!isOver) {
      pieces.push(piece.slice(from));
      length += piece.length - from;
      isOver = length > mostCharacters;
    } else return;
    if (isOver) tooLong();
  };
}
