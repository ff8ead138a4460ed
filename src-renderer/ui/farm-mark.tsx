/* The brand: a roof over a field of squares. */
export function FarmMark() {
  return (
    <span className="farm-mark">
      <svg
        viewBox="0 0 18 18"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinejoin="round"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M2 8.2 9 2.6l7 5.6" />
        <path fill="currentColor" stroke="none" d="M4 9.6h3v3H4zM7.5 9.6h3v3h-3zM11 9.6h3v3h-3zM4 13.1h3v3H4zM11 13.1h3v3h-3z" />
      </svg>
    </span>
  );
}
