/** Half past five in a commune: first light, a pole with four horns. Decoration only. */
export function Dawn() {
  return (
    <div className="dawn" aria-hidden="true">
      <svg viewBox="0 0 800 900" preserveAspectRatio="xMidYMax slice" focusable="false">
        <defs>
          <linearGradient id="dawn-sky" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#0e2233" />
            <stop offset="0.5" stopColor="#24506e" />
            <stop offset="0.78" stopColor="#c98a58" />
            <stop offset="1" stopColor="#f3c27b" />
          </linearGradient>
        </defs>
        <rect width="800" height="900" fill="url(#dawn-sky)" />
        <circle cx="560" cy="720" r="70" fill="#ffe3ad" opacity="0.9" />
        <g fill="none" stroke="#ffe9c7" strokeWidth="3" strokeLinecap="round" opacity="0.5">
          <path d="M438 232a120 120 0 0 1 0 116" />
          <path d="M474 208a170 170 0 0 1 0 164" opacity="0.7" />
          <path d="M510 184a220 220 0 0 1 0 212" opacity="0.45" />
          <path d="M186 232a120 120 0 0 0 0 116" />
          <path d="M150 208a170 170 0 0 0 0 164" opacity="0.7" />
          <path d="M114 184a220 220 0 0 0 0 212" opacity="0.45" />
        </g>
        <path d="M0 742c120-46 210-60 330-22s230 30 470-26v206H0z" fill="#274a55" opacity="0.75" />
        <path d="M0 792c160-40 300-30 440-4s240 20 360-12v124H0z" fill="#16323c" />
        <g fill="#0b1c28">
          <rect x="305" y="220" width="14" height="640" rx="4" />
          <rect x="250" y="286" width="124" height="8" rx="4" />
          <path d="M330 268l46-26c5-3 12 0 12 6v84c0 6-7 9-12 6l-46-26c-6-3-9-8-9-14v-16c0-6 3-11 9-14z" />
          <path d="M294 268l-46-26c-5-3-12 0-12 6v84c0 6 7 9 12 6l46-26c6-3 9-8 9-14v-16c0-6-3-11-9-14z" />
          <path d="M120 826h120v74H120zM110 826l70-46 70 46z" />
          <path d="M470 842h90v58h-90zM460 842l55-36 55 36z" />
          <path d="M630 832h110v68H630zM620 832l65-44 65 44z" />
        </g>
        <g fill="#f3c27b" opacity="0.9">
          <rect x="150" y="850" width="18" height="22" rx="2" />
          <rect x="505" y="862" width="16" height="18" rx="2" />
        </g>
        <g stroke="#0b1c28" strokeWidth="2" fill="none" opacity="0.7">
          <path d="M0 330c110 26 210 10 312-40 130 70 300 60 488 8" />
        </g>
      </svg>
    </div>
  )
}
