/** The loudspeaker, as in favicon.svg. */
export function Logo({ size = 34 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#f3b34c" />
      <path
        d="M7.5 13.2v5.6c0 .7.5 1.2 1.2 1.2h2.8l6.6 4.4c.8.5 1.9 0 1.9-1V8.6c0-1-1.1-1.5-1.9-1L11.5 12H8.7c-.7 0-1.2.5-1.2 1.2z"
        fill="#12283a"
      />
      <path
        d="M22.7 12.2a5.4 5.4 0 0 1 0 7.6M25.2 9.5a9.2 9.2 0 0 1 0 13"
        fill="none"
        stroke="#12283a"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
    </svg>
  )
}
