// The recording of a call: each line and each place of the picture plays from its moment, and what
// sounds now is marked in both.
import { toast } from "./toasts.js";

const audio = document.getElementById("recording");
const picture = document.querySelector("[data-sound]");
const buttons = [...document.querySelectorAll("[data-from]")];
const seconds = Number(audio?.dataset.seconds);

function playFrom(moment) {
  // Before its first sound the player has not looked into the file, and keeps the wish only.
  if (audio.readyState === HTMLMediaElement.HAVE_NOTHING) {
    audio.addEventListener("loadedmetadata", () => (audio.currentTime = moment), { once: true });
  } else {
    audio.currentTime = moment;
  }
  audio.play().catch(tellTrouble);
}

// Whoever pauses before the first sound has come interrupts it: no trouble.
function tellTrouble({ name }) {
  if (name !== "AbortError") toast("error", "Запись не проигрывается. Обновите страницу.");
}

function show() {
  const now = audio.currentTime;
  const line = picture.querySelector("[data-now]");
  const place = (now / seconds) * picture.viewBox.baseVal.width;
  line.setAttribute("x1", place);
  line.setAttribute("x2", place);
  const begun = buttons.filter((button) => Number(button.dataset.from) <= now + 0.05);
  const sounding = audio.paused && !now ? null : begun.at(-1)?.closest(".line");
  for (const button of buttons) {
    const its = button.closest(".line");
    its.classList.toggle("line-sounding", its === sounding);
  }
}

if (audio) {
  for (const button of buttons) {
    button.addEventListener("click", () => playFrom(Number(button.dataset.from)));
  }
  picture.addEventListener("click", ({ clientX }) => {
    const { left, width } = picture.getBoundingClientRect();
    playFrom(((clientX - left) / width) * seconds);
  });
  for (const event of ["timeupdate", "seeked", "play"]) audio.addEventListener(event, show);
}
