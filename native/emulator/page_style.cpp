#include "native/emulator/page_view.h"

namespace teamferry::emulator::page {

// Colours of text keep a contrast of 4.5 to 1 against every ground they stand on, in both schemes; the test in a
// browser measures it.
const std::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #f5f5f5; --aside: #ebebeb; --card: #fff; --hover: #dfdfe8; --chosen: #fff;
  --text: #242424; --soft: #595959; --line: #d6d6d6; --accent: #4f52b2; --on-accent: #fff;
  --banner: #fff4ce; --banner-line: #b88a00; --banner-text: #4a3800; --alert: #b3141e; --at: #4f52b2;
  --code: #f0f0f0; --shadow: 0 1px 2px rgb(0 0 0 / 14%), 0 0 1px rgb(0 0 0 / 12%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #141414; --aside: #1f1f1f; --card: #292929; --hover: #333340; --chosen: #3a3a48;
    --text: #f0f0f0; --soft: #b8b8b8; --line: #454545; --accent: #aab0ff; --on-accent: #16173a;
    --banner: #3b3008; --banner-line: #d9a400; --banner-text: #ffe9a8; --alert: #ff9a9f; --at: #aab0ff;
    --code: #1b1b1b; --shadow: 0 1px 2px rgb(0 0 0 / 50%);
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 "Segoe UI", system-ui, -apple-system, Roboto, "Noto Sans", "Liberation Sans", "Segoe UI Emoji",
    "Noto Color Emoji", sans-serif;
}
a { color: var(--accent); text-underline-offset: 2px; }
a:not([href]) { color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
h3 { font-size: 1.1rem; line-height: 1.35; margin: .1rem 0 .2rem; overflow-wrap: anywhere; }
code, pre { font: .875em/1.5 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; }
.soft { color: var(--soft); font-size: .87rem; }
.soft a { color: inherit; }
.empty { color: var(--soft); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; top: 0; z-index: 2; background: var(--card); padding: .6rem 1rem; }
.skip:focus { left: 0; }

.top {
  position: sticky; top: 0; z-index: 1; display: flex; align-items: center; gap: .4rem 1rem; flex-wrap: wrap;
  min-height: 3rem; padding: .3rem 1.25rem; background: var(--aside); border-bottom: 1px solid var(--line);
}
.brand { font-weight: 600; color: var(--text); text-decoration: none; }
.note { color: var(--soft); font-size: .87rem; }
.top nav { margin-left: auto; display: flex; gap: 1.1rem; }
.top a[aria-current] { font-weight: 600; text-decoration-thickness: 3px; }
.narrow { display: none; }
.columns { display: grid; grid-template-columns: 18rem minmax(0, 1fr); min-height: calc(100vh - 6rem); }
.rooms { background: var(--aside); border-right: 1px solid var(--line); }
.rooms ul { list-style: none; margin: 0; padding: 0; }
.rooms .label { font-weight: 600; font-size: .87rem; color: var(--soft); margin: 1rem .5rem .3rem; }
.rooms .empty { margin: 0 .5rem; font-size: .87rem; }
.rooms summary { display: flex; align-items: center; gap: .5rem; padding: .3rem .5rem; border-radius: 4px; cursor: pointer;
  font-weight: 600; overflow-wrap: anywhere; }
.rooms summary::before { content: ""; flex: none; border: solid var(--soft); border-width: 0 2px 2px 0; padding: 2px;
  transform: rotate(-45deg); transition: transform .15s; }
.rooms details[open] > summary::before { transform: rotate(45deg); }
.rooms summary::-webkit-details-marker { display: none; }
.rooms details li a { padding-left: 2.2rem; }
.rooms li { position: relative; }
.rooms a { display: flex; align-items: center; gap: .5rem; padding: .3rem .5rem; border-radius: 4px; color: var(--text);
  text-decoration: none; overflow-wrap: anywhere; min-width: 0; }
.rooms a:hover, .rooms summary:hover { background: var(--hover); }
.rooms a[aria-current] { background: var(--chosen); font-weight: 600; box-shadow: inset 3px 0 var(--accent); }
.rooms bdi { min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.hash { color: var(--soft); width: .8rem; text-align: center; flex: none; }
.rooms .mark { margin-left: auto; font-size: .75rem; font-weight: 400; color: var(--soft); }
.rooms .stay { position: sticky; top: 3rem; max-height: calc(100vh - 3rem); overflow-y: auto; padding: .5rem .6rem 2rem; }

main { padding: 1.25rem clamp(1rem, 3vw, 2.5rem) 3rem; width: 100%; max-width: 62rem; }
footer { padding: .8rem 1.25rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .87rem; }
.head { margin-bottom: 1rem; }
.head p { margin: .2rem 0; overflow-wrap: anywhere; }
.badge { display: inline-block; vertical-align: middle; font-size: .75rem; font-weight: 600; line-height: 1.3;
  padding: .1rem .5rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--soft); }
.badge.busy { border-color: var(--banner-line); color: var(--banner-text); background: var(--banner); }
.badge.alert { border-color: currentColor; color: var(--alert); }
.banner { background: var(--banner); color: var(--banner-text); border-left: 4px solid var(--banner-line);
  border-radius: 4px; padding: .6rem .9rem; margin: 0 0 1rem; }
.head .banner { margin-top: .8rem; padding: .6rem .9rem; }
.banner span { font-size: .9rem; }
.day { display: flex; align-items: center; gap: .8rem; font-size: .87rem; font-weight: 600; color: var(--soft);
  margin: 1.4rem 0 .7rem; }
.day::before, .day::after { content: ""; flex: 1; border-top: 1px solid var(--line); }

.avatar { flex: none; display: inline-grid; place-items: center; width: 2rem; height: 2rem; border-radius: 50%;
  color: #fff; font-size: .75rem; font-weight: 600; line-height: 1; overflow: hidden; }
.square { border-radius: 5px; }
.rooms .avatar { width: 1.5rem; height: 1.5rem; font-size: .62rem; }
.c0 { background: #9b2d5e; } .c1 { background: #2f6b3a; } .c2 { background: #8a4b08; } .c3 { background: #1f5fa8; }
.c4 { background: #6b3fa0; } .c5 { background: #0b6a6a; } .c6 { background: #a4262c; } .c7 { background: #4f5d75; }

main > article, .thread > article { background: var(--card); border-radius: 6px; box-shadow: var(--shadow);
  margin: 0 0 .9rem; overflow: hidden; }
article:target { outline: 2px solid var(--accent); outline-offset: -2px; }
.post { display: flex; gap: .75rem; padding: .85rem 1rem; }
.said { min-width: 0; flex: 1; }
.by { margin: 0; line-height: 1.4; overflow-wrap: anywhere; }
.when { color: var(--soft); font-size: .8rem; margin: 0 .35rem; text-decoration: none; white-space: nowrap; }
.when:hover { text-decoration: underline; }
.replies { border-top: 1px solid var(--line); padding: .2rem 0 .4rem 2.75rem; }
.replies .post { padding: .45rem 1rem; }
.replies .avatar { width: 1.6rem; height: 1.6rem; font-size: .65rem; }
.replies .more { margin: .2rem 0 .4rem; padding-left: 3.35rem; }
.thread { margin-left: 2rem; }

.body { overflow-wrap: anywhere; unicode-bidi: isolate; overflow: hidden; }
.body.plain { white-space: pre-wrap; }
.body > :first-child, .body li > :first-child { margin-top: 0; }
.body > :last-child, .body li > :last-child { margin-bottom: 0; }
.body p { margin: 0 0 .4rem; }
.body .h1 { font-size: 1.3rem; font-weight: 600; margin: .4rem 0; }
.body .h2 { font-size: 1.15rem; font-weight: 600; margin: .4rem 0; }
.body .h3 { font-weight: 600; margin: .3rem 0; }
.body ul, .body ol { margin: .2rem 0; padding-left: 1.6rem; }
.body blockquote { margin: .3rem 0; padding: .2rem .8rem; border-left: 4px solid var(--line); color: var(--soft); }
.body img { max-width: 100%; max-height: 30rem; height: auto; border-radius: 4px; display: block; margin: .3rem 0; }
.body table { display: block; overflow-x: auto; border-collapse: collapse; margin: .3rem 0; }
.body td, .body th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 4px; padding: .6rem .8rem; overflow-x: auto;
  margin: .3rem 0; }
.body pre { white-space: pre-wrap; }
.body :not(pre) > code { background: var(--code); border-radius: 3px; padding: .05rem .25rem; }
.body hr { border: 0; border-top: 1px solid var(--line); }
.at { color: var(--at); font-weight: 600; }
.missing { display: inline-block; border: 1px dashed var(--soft); border-radius: 4px; padding: .1rem .5rem;
  color: var(--soft); font-size: .87rem; }
.card { display: inline-flex; align-items: center; gap: .6rem; max-width: 100%; margin: .3rem .3rem .1rem 0;
  padding: .4rem .8rem .4rem .4rem; border: 1px solid var(--line); border-radius: 4px; overflow-wrap: anywhere; }
.tile { flex: none; display: grid; place-items: center; min-width: 2.4rem; height: 2rem; padding: 0 .3rem; border-radius: 3px;
  background: var(--accent); color: var(--on-accent); font-size: .68rem; font-weight: 600; text-transform: uppercase; }
.reactions { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem; margin: .5rem 0 0; padding: 0; }
.reactions li { position: relative; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; }

.pager { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: 0 0 1rem; }
.pager a, .pager > span, .button { border: 1px solid var(--line); border-radius: 4px; padding: .2rem .8rem;
  text-decoration: none; }
.pager a, .button { background: var(--card); }
.pager a:hover, .button:hover { background: var(--hover); }
.pager > span { color: var(--soft); border-style: dashed; }
.pager > .where { border: 0; }
.button { display: inline-block; font-weight: 600; padding: .35rem 1rem; }
.facts { list-style: none; display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; margin: 0 0 1.5rem; }
.facts li { background: var(--card); border-radius: 6px; box-shadow: var(--shadow); padding: .6rem 1rem; color: var(--soft); }
.facts strong { display: block; font-size: 1.3rem; line-height: 1.3; color: var(--text); }
.wide { overflow-x: auto; background: var(--card); border-radius: 6px; box-shadow: var(--shadow); margin: 0 0 1rem; }
.list { width: 100%; border-collapse: collapse; }
.list caption { text-align: left; font-weight: 600; padding: .7rem 1rem; }
.list th, .list td { text-align: left; padding: .45rem 1rem; border-top: 1px solid var(--line); vertical-align: middle;
  overflow-wrap: break-word; }
.request td:not(:last-child) { white-space: nowrap; }
.request th { min-width: 15rem; }
.request code { overflow-wrap: anywhere; }
.list thead th { color: var(--soft); font-size: .8rem; font-weight: 600; }
.list tbody th { font-weight: 400; }
.list .avatar { margin-right: .6rem; width: 1.7rem; height: 1.7rem; font-size: .65rem; vertical-align: middle; }
.pairs { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.2rem; margin: 0; }
.pairs dt { color: var(--soft); }
.pairs dd { margin: 0; overflow-wrap: anywhere; }
.good { color: var(--soft); } .bad { color: var(--alert); font-weight: 600; }

@media (max-width: 46rem) {
  .columns { display: flex; flex-direction: column; }
  .rooms .stay { position: static; max-height: none; }
  .rooms { order: 2; border: 0; border-top: 1px solid var(--line); }
  .narrow { display: inline; }
  .note { display: none; }
  .replies { padding-left: .8rem; }
  .thread { margin-left: .6rem; }
  .post { padding: .7rem .8rem; gap: .6rem; }
}
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; scroll-behavior: auto !important; }
}
@media (forced-colors: active) {
  .avatar, .tile, .badge { border: 1px solid; }
}
)css";

const std::string_view kIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#4f52b2"/>)"
    R"(<path d="M7 13h18l-3 8H10zM15 5h2v8h-2z" fill="#fff"/><path d="M6 25q5-3 10 0t10 0" fill="none" stroke="#fff" )"
    R"(stroke-width="2"/></svg>)";

}  // namespace teamferry::emulator::page
