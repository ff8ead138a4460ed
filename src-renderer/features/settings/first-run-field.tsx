const COLUMNS = 15;
const ROWS = 24;

/** The brand's picture: a field that fills from below. The same on every start, made without randomness. */
function isOn(index: number): boolean {
  const row = Math.floor(index / COLUMNS);
  const wanted = Math.max(0, (row - 1) / ROWS) ** 0.9;
  const noise = Math.abs(Math.sin((index + 1) * 12.9898) * 43_758.5453) % 1;
  return noise < wanted;
}

const squares = Array.from({ length: COLUMNS * ROWS }, (_, index) => ({ id: `square-${index}`, isOn: isOn(index) }));

export function FirstRunField() {
  return (
    <div className="fr-field" aria-hidden="true">
      {squares.map((square) => (
        <i key={square.id} className={square.isOn ? 'on' : undefined} />
      ))}
    </div>
  );
}
