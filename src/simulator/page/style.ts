/** The style sheet: light and dark, for phones and larger screens. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #ffffff; --line: #dfe2e8; --edge: #878f9e; --text: #1b1f27; --quiet: #565f6f;
  --accent: #3653d6; --on-accent: #ffffff; --good: #12693f; --bad: #b3261e; --warn: #8a5a00; --flash: #fff4cc;
  --found: #ffe066; --on-found: #1b1f27; --shade: #1b1f2766;
  --true: #cdeed9; --false: #e3e5ea;
  --c0: #dce6ff; --c1: #ffe3d1; --c2: #efdcfb; --c3: #d4f0f4; --c4: #fbdce6; --c5: #f4ecc2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151b; --card: #1b2029; --line: #2f3642; --edge: #768195; --text: #e7eaf0; --quiet: #a3adbd;
    --accent: #93a8ff; --on-accent: #12151b; --good: #6fd3a0; --bad: #ff9a90; --warn: #f0c060; --flash: #3a3419;
    --found: #ffd84d; --on-found: #12151b; --shade: #000000a6;
    --true: #17492f; --false: #3a404b;
    --c0: #26366b; --c1: #5a3620; --c2: #46295c; --c3: #1c4850; --c4: #5a2739; --c5: #4a431b;
  }
}
* { box-sizing: border-box; }
/* What gets the focus must not be covered by the search. */
html { scroll-padding-top: 5rem; }
[hidden], html:not(.js) .scripted, html:not(.js) .add { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, p, ul, ol, blockquote, pre, fieldset { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.15rem; }
h2 { font-size: .95rem; }
h3 { font: 600 .95rem/1.4 ui-monospace, monospace; }
code, pre { font: .85em/1.45 ui-monospace, monospace; }
button, input, select { font: inherit; color: inherit; }
button { padding: .3rem .8rem; border: 1px solid var(--edge); border-radius: .5rem; background: var(--card); }
html.js button { cursor: pointer; }
button:hover { background: var(--ground); }
dialog.busy button { border-style: dashed; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.danger { color: var(--bad); border-color: currentColor; }
input:not([type=radio]), select { width: 100%; padding: .45rem .65rem; font-size: 1rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem; }
input[readonly], select:disabled { background: var(--ground); color: var(--text); opacity: 1; border-style: dashed; }
::placeholder { color: var(--quiet); opacity: 1; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
::highlight(found) { background-color: var(--found); color: var(--on-found); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
/* Only small screens have something to scroll past. */
#sections { width: fit-content; margin: 0 1rem 1rem; }
.quiet, .nothing { color: var(--quiet); font-size: .85rem; }
.nothing { padding: .25rem 0; }
.notice { max-width: 82rem; margin: 0 auto 1rem; padding: 0 1rem; }
#top, main { max-width: 82rem; margin: 0 auto; padding: 1rem; }
#top { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem; }
#top > .title { display: flex; align-items: center; gap: .75rem; }
#live { font-size: .8rem; color: var(--quiet); }
#live::before { content: ""; display: inline-block; width: .55rem; height: .55rem; margin-right: .4rem;
  border: 2px solid currentColor; border-radius: 50%; }
#live.on { color: var(--good); }
#live.on::before { background: currentColor; }
#live.off { color: var(--bad); }
nav { display: flex; flex-wrap: wrap; gap: .2rem; padding: .2rem; border: 1px solid var(--line);
  border-radius: .6rem; background: var(--card); }
nav a { padding: .2rem .7rem; border-radius: .45rem; color: var(--text); text-decoration: none; font-size: .9rem; }
nav a:hover { background: var(--ground); }
nav a[aria-current] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
section header nav a { padding: 0 .55rem; font-size: .8rem; }
#counts { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; }
#open-reset { padding: .1rem .65rem; font-size: .85rem; }
.searching .more { display: none; }
.beyond { display: contents; }
#summary { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; color: var(--quiet); font-size: .9rem; }
#summary b { color: var(--text); font-variant-numeric: tabular-nums; }
main { display: grid; gap: 1.25rem; padding-top: 0; }
@media (min-width: 60rem) {
  main { grid-template-columns: minmax(0, 1fr) 23rem; align-items: start; }
  #counts { margin-left: auto; }
  #sections { display: none; }
}
aside, #flags { display: grid; gap: .75rem; min-width: 0; }
#search { position: sticky; top: 0; z-index: 1; margin: 0 -.25rem .5rem; padding: .25rem; background: var(--ground); }
#search input { padding: .55rem .8rem; border-radius: .6rem; }
#found { padding: .3rem .3rem 0; font-size: .85rem; color: var(--quiet); }
#found:empty { display: none; }
.flag, aside section { padding: .85rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
.flag { content-visibility: auto; contain-intrinsic-size: auto 6rem; }
.flag header { display: flex; align-items: flex-start; justify-content: space-between; gap: .5rem; }
.flag header div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem .5rem; }
.flag .name { color: var(--quiet); font-size: .9rem; }
.flag .add { flex: none; padding: .1rem .65rem; font-size: .85rem; }
.badge, .tag { padding: 0 .5rem; font-size: .75rem; line-height: 1.2rem; white-space: nowrap; color: var(--quiet);
  border: 1px solid var(--line); border-radius: 1rem; }
.tag { border-style: dashed; }
.badge.off, .badge.archived { color: var(--bad); border-color: currentColor; }
.badge.deprecated { color: var(--warn); border-color: currentColor; }
.default { margin-top: .25rem; font-size: .85rem; color: var(--quiet); }
.default .quiet { margin-left: .5rem; }
.groups { display: grid; gap: .75rem; margin-top: .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
.groups li { display: grid; gap: .3rem .75rem; }
@media (min-width: 40rem) { .groups li { grid-template-columns: 11rem minmax(0, 1fr); align-items: start; } }
.variation { display: inline-flex; flex-wrap: wrap; gap: 0 .4rem; align-items: baseline; justify-self: start;
  max-width: 100%; padding: .1rem .55rem; line-height: 1.45; border-radius: .4rem; color: var(--text); font-size: .85rem; }
.is-true { background: var(--true); } .is-false { background: var(--false); }
.c0 { background: var(--c0); } .c1 { background: var(--c1); } .c2 { background: var(--c2); } .c3 { background: var(--c3); }
.c4 { background: var(--c4); } .c5 { background: var(--c5); }
.contexts { display: flex; flex-wrap: wrap; gap: .35rem; }
.context { padding: .05rem .55rem; font-size: .85rem; text-align: left; border-color: var(--line); border-radius: 1rem; }
html.js .context:hover { border-color: var(--accent); }
.context b { margin-right: .35rem; font-weight: 500; color: var(--quiet); }
.context.new { border-color: var(--good); box-shadow: 0 0 0 1px var(--good); }
.flag.changed { animation: flash 2.5s ease-out; }
@keyframes flash { from { background: var(--flash); } }
@media (prefers-reduced-motion: reduce) { .flag.changed { animation: none; } }
section > header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem .5rem;
  margin-bottom: .6rem; }
.scroll { max-height: 26rem; margin: 0 -.5rem; padding: 0 .5rem; overflow-y: auto; }
#audit ol { display: grid; gap: .6rem; }
#audit li { font-size: .9rem; line-height: 1.4; }
#audit li + li { padding-top: .6rem; border-top: 1px solid var(--line); }
.author.person { color: var(--warn); font-weight: 600; }
blockquote { margin-top: .3rem; padding-left: .6rem; border-left: 3px solid var(--accent); white-space: pre-wrap;
  color: var(--quiet); }
#requests li { font-size: .85rem; }
summary { padding: .15rem 0; cursor: pointer; }
summary .path { color: var(--quiet); }
.status.good { color: var(--good); }
.status.bad { color: var(--bad); font-weight: 600; }
pre { padding: .5rem .65rem; font-size: .75rem; white-space: pre-wrap; background: var(--ground); border-radius: .4rem; }
.budget { display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; margin-top: .5rem; font-size: .85rem; }
.budget .route { color: var(--quiet); }
.budget .left { font-variant-numeric: tabular-nums; white-space: nowrap; }
.budget meter { grid-column: 1 / -1; width: 100%; height: .6rem; }
dialog { width: min(30rem, calc(100vw - 2rem)); padding: 1.25rem; color: var(--text); background: var(--card);
  border: 1px solid var(--edge); border-radius: .9rem; }
dialog::backdrop { background: var(--shade); }
dialog form { display: grid; gap: .8rem; }
dialog h2 { font-size: 1.1rem; }
#edit-place { margin-top: -.8rem; }
dialog label { display: grid; gap: .2rem; font-size: .9rem; }
dialog fieldset { padding: 0; border: 0; min-width: 0; }
dialog legend { padding: 0; font-size: .9rem; }
.fields { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: .75rem; }
#choices { display: grid; gap: .15rem; max-height: 40vh; overflow-y: auto; padding: .15rem; }
dialog .choice { display: flex; align-items: baseline; gap: .5rem; padding: .15rem; cursor: pointer; }
.choice input { flex: none; margin: 0; accent-color: var(--accent); align-self: center; }
.error { color: var(--bad); font-weight: 600; }
.error:empty { display: none; }
.buttons { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .5rem; }
.buttons #remove { margin-right: auto; }
#said { position: fixed; left: 50%; bottom: 1rem; translate: -50% 0; max-width: calc(100vw - 2rem);
  padding: .5rem 1rem; background: var(--text); color: var(--card); border-radius: .6rem; }
#said:empty { padding: 0; }
`;
