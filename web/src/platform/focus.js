// The place of the keyboard focus when the element that has it goes, for `focus.rs`.

const targets = "a[href]:not(.skip),button,input,select,textarea,summary,[tabindex='0']";
// The element that had the focus last and what it is in, each with its neighbours; and those that had it before, newest first.
let path = [];
let before = [];
let byFinger;
let timer;

const can = (it) => it.matches(targets) && !it.disabled && it.checkVisibility() && !it.closest("[inert]");
const first = (place) => place?.isConnected && [place, ...place.querySelectorAll(targets)].find(can);

const restore = () => {
  timer = 0;
  const last = before[0];
  // Whoever left a field that is still there meant to; and under a finger a field would open the keyboard of the screen.
  if (byFinger || document.activeElement !== document.body || !last || first(last) === last) return;
  let to;
  for (const [it, next, previous] of path) {
    to = first(it) || first(next) || first(previous);
    if (to || (it.isConnected && it.matches("section,nav,aside,main,dialog"))) break;
  }
  (to || before.find((it) => first(it) === it) || first(document.querySelector("#message,main")))?.focus();
};

export const keep = () => {
  addEventListener("keydown", () => (byFinger = false), true);
  addEventListener("pointerdown", ({ pointerType }) => (byFinger = pointerType !== "mouse"), true);
  addEventListener("focusin", ({ target }) => {
    before = [target, ...before.filter((it) => it !== target)].slice(0, 16);
    path = [];
    for (let it = target; it; it = it.parentElement) path.push([it, it.nextElementSibling, it.previousElementSibling]);
  });
  // Later, because most components know a better place and move the focus there after the change.
  new MutationObserver(() => (timer ||= setTimeout(restore, 50))).observe(document.body, {
    subtree: true, childList: true, attributeFilter: ["hidden", "inert", "disabled"],
  });
};
