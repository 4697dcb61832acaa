// «Сейчас»: clocks that run, dialogues that stay at their last words, and a word when the stream
// of events is lost.
const LOST_AFTER_MS = 8000;
const NEAR_THE_END_PX = 200;

const began = new WeakMap(); // clock → when its call began, by this page's own time

function showClocks() {
  const now = performance.now();
  for (const clock of document.querySelectorAll("[data-elapsed]")) {
    if (!began.has(clock)) began.set(clock, now - clock.dataset.elapsed * 1000);
    clock.textContent = inWords(Math.floor((now - began.get(clock)) / 1000));
  }
}

function inWords(seconds) {
  const rest = String(seconds % 60).padStart(2, "0");
  return seconds < 60 ? `${seconds} с` : `${Math.floor(seconds / 60)} мин ${rest} с`;
}

function showLastWords(lines) {
  lines.scrollTop = lines.scrollHeight;
}

// Who has scrolled back to read is left there.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  const lines = target.closest(".live-lines");
  if (!lines) return;
  const below = lines.scrollHeight - lines.scrollTop - lines.clientHeight;
  if (below < target.lastElementChild.offsetHeight + NEAR_THE_END_PX) showLastWords(lines);
});

// The buttons of a call that is over go: the focus stays at the call.
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
  if (!target.contains(document.activeElement)) return;
  setTimeout(() => document.querySelector(`#${target.id} a`)?.focus());
});

let lost = 0;
document.addEventListener("htmx:sseError", () => {
  lost = lost || setTimeout(() => tellLost(true), LOST_AFTER_MS);
});
document.addEventListener("htmx:sseOpen", () => {
  clearTimeout(lost);
  lost = 0;
  tellLost(false);
});

function tellLost(isLost) {
  document.getElementById("live-lost").hidden = !isLost;
}

for (const lines of document.querySelectorAll(".live-lines")) showLastWords(lines);
setInterval(showClocks, 1000);
showClocks();
