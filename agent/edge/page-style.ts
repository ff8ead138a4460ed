/** The colours, sizes and spaces of the program's design tokens; the page must stand alone, so they are written out here. */
export const pageStyle = `
:root{color-scheme:light dark;--paper:#fbfaf7;--line:#e6e4df;--text:#201e1a;--text-2:#59554f;--text-3:#716c67;--state:#7f7971;--soft:#d3d1cd;
--working:#0080a6;--working-soft:#b0d8eb;--paused:#945d97;--paused-soft:#e0c8e1;--warning:#bb7400;--warning-soft:#ebcba9}
@media (prefers-color-scheme:dark){:root{--paper:#171513;--line:#302e2b;--text:#edebe7;--text-2:#b2afaa;--text-3:#94908b;--state:#979189;--soft:#494744;
--working:#2e9fc9;--working-soft:#284d5d;--paused:#b17db3;--paused-soft:#544054;--warning:#da933c;--warning-soft:#5b4226}}
*{box-sizing:border-box;margin:0}
body{background:var(--paper);color:var(--text);font:400 16px/24px "Inter","Segoe UI Variable","Segoe UI",system-ui,sans-serif;min-height:100vh;display:grid;place-items:center;padding:32px}
main{max-width:480px;width:100%}
.starting{--state:var(--working);--soft:var(--working-soft)}
.suspended{--state:var(--paused);--soft:var(--paused-soft)}
.broken,.slow,.unreadable,.busy,.failed{--state:var(--warning);--soft:var(--warning-soft)}
.mark{width:40px;height:4px;border-radius:999px;background:var(--state);margin-bottom:24px}
.starting .mark{background:linear-gradient(90deg,var(--state) 50%,var(--soft) 50%);background-size:200% 100%;animation:run 1400ms linear infinite}
@keyframes run{from{background-position:100% 0}to{background-position:-100% 0}}
@media (prefers-reduced-motion:reduce){.starting .mark{animation:none}}
h1{font-size:22px;line-height:28px;font-weight:600;margin-bottom:12px}
.lead{color:var(--text-2);text-wrap:pretty}
footer{margin-top:32px;padding-top:16px;border-top:1px solid var(--line);font-size:14px;line-height:20px;color:var(--text-3)}
.provider{color:var(--text-2);margin-bottom:4px}
.reference{color:var(--text-2);font-variant-numeric:tabular-nums}
`;
