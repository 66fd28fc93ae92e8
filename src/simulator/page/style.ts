/** The style sheet: light and dark, for phones and larger screens. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #ffffff; --line: #dfe2e8; --text: #1b1f27; --quiet: #5c6575;
  --accent: #3653d6; --good: #17784a; --bad: #b3261e; --warn: #8a5a00; --flash: #fff4cc;
  --v0: #dce6ff; --v1: #d5f2e1; --v2: #ffe3d1; --v3: #efdcfb; --v4: #d4f0f4; --v5: #fbdce6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151b; --card: #1b2029; --line: #2f3642; --text: #e7eaf0; --quiet: #9aa4b5;
    --accent: #93a8ff; --good: #6fd3a0; --bad: #ff9a90; --warn: #f0c060; --flash: #3a3419;
    --v0: #26366b; --v1: #1d4a34; --v2: #5a3620; --v3: #46295c; --v4: #1c4850; --v5: #5a2739;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, p, ul, ol, blockquote { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.15rem; }
h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet); margin-bottom: .6rem; }
h3 { font: 600 .95rem/1.4 ui-monospace, monospace; }
code { font: .85em ui-monospace, monospace; }
.quiet, .nothing { color: var(--quiet); font-size: .85rem; }
.nothing { padding: .5rem 0; }
#top, main { max-width: 82rem; margin: 0 auto; padding: 1rem; }
#top { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem; }
#top > div { display: flex; align-items: center; gap: .75rem; }
#live { font-size: .8rem; color: var(--quiet); }
#live::before { content: ""; display: inline-block; width: .55rem; height: .55rem; margin-right: .4rem;
  border-radius: 50%; background: currentColor; }
#live.on { color: var(--good); }
#live.off { color: var(--bad); }
nav { display: flex; flex-wrap: wrap; gap: .25rem; padding: .2rem; border: 1px solid var(--line);
  border-radius: .6rem; background: var(--card); }
nav a { padding: .3rem .8rem; border-radius: .45rem; color: var(--text); text-decoration: none; font-size: .9rem; }
nav a:hover { background: var(--ground); }
nav a[aria-current] { background: var(--accent); color: var(--card); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#summary { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; color: var(--quiet); font-size: .9rem; }
#summary b { color: var(--text); font-variant-numeric: tabular-nums; }
main { display: grid; gap: 1.25rem; padding-top: 0; }
@media (min-width: 60rem) {
  main { grid-template-columns: minmax(0, 1fr) 23rem; align-items: start; }
  #summary { margin-left: auto; }
}
aside, #flags { display: grid; gap: .75rem; min-width: 0; }
#search { display: block; margin-bottom: .75rem; }
#search span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
#search input { width: 100%; padding: .55rem .8rem; font: inherit; font-size: 1rem; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.flag, aside section { padding: .85rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
.flag[hidden] { display: none; }
.flag header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem .5rem; }
.flag .name { color: var(--quiet); font-size: .9rem; }
.badge { padding: 0 .5rem; font-size: .75rem; line-height: 1.2rem; white-space: nowrap; border: 1px solid var(--line);
  border-radius: 1rem; color: var(--quiet); }
.badge.off, .badge.archived { color: var(--bad); border-color: currentColor; }
.badge.deprecated { color: var(--warn); border-color: currentColor; }
.default { margin-top: .25rem; font-size: .85rem; color: var(--quiet); }
.default .quiet { margin-left: .5rem; }
.groups { display: grid; gap: .75rem; margin-top: .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
.groups li { display: grid; gap: .3rem .75rem; }
@media (min-width: 40rem) { .groups li { grid-template-columns: 11rem minmax(0, 1fr); align-items: start; } }
.variation { display: inline-flex; flex-wrap: wrap; gap: 0 .4rem; align-items: baseline; justify-self: start;
  max-width: 100%; padding: .1rem .55rem; line-height: 1.45; border-radius: .4rem; color: var(--text); font-size: .85rem; }
.v0 { background: var(--v0); } .v1 { background: var(--v1); } .v2 { background: var(--v2); }
.v3 { background: var(--v3); } .v4 { background: var(--v4); } .v5 { background: var(--v5); }
.groups.idle { opacity: .55; }
.contexts { display: flex; flex-wrap: wrap; gap: .3rem; }
.context { padding: .05rem .5rem; font-size: .85rem; border: 1px solid var(--line); border-radius: 1rem; }
.context b { margin-right: .35rem; font-weight: 500; color: var(--quiet); }
.context.new { border-color: var(--good); box-shadow: 0 0 0 1px var(--good); }
.flag.changed { animation: flash 2.5s ease-out; }
@keyframes flash { from { background: var(--flash); } }
@media (prefers-reduced-motion: reduce) { .flag.changed { animation: none; } }
.budget { display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; margin-top: .5rem; font-size: .85rem; }
.budget .route { color: var(--quiet); }
.budget .left { font-variant-numeric: tabular-nums; white-space: nowrap; }
.budget meter { grid-column: 1 / -1; width: 100%; height: .6rem; }
#audit ol { display: grid; gap: .75rem; max-height: 34rem; overflow-y: auto; }
#audit li { font-size: .9rem; line-height: 1.4; }
#audit li + li { padding-top: .75rem; border-top: 1px solid var(--line); }
blockquote { margin-top: .3rem; padding-left: .6rem; border-left: 3px solid var(--accent); white-space: pre-wrap;
  color: var(--quiet); }
`;
