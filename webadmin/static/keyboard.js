// Keys of every page: / search, j and k next and previous, ? help, Esc closes.
// Told by their place on the keyboard too, so that they work in the Russian layout.
import { closeLastToast } from "./toasts.js";

const ROWS = "main tbody tr, main [data-row]";

const actions = {
  search: () => document.querySelector("[data-search], input[type=search]"),
  next: () => step(1, "[data-next]"),
  previous: () => step(-1, "[data-previous]"),
};

function meaning({ key, code, shiftKey }) {
  if (key === "?" || (code === "Slash" && shiftKey)) return "help";
  if (key === "/" || code === "Slash") return "search";
  if (shiftKey) return "";
  if (key === "j" || code === "KeyJ") return "next";
  if (key === "k" || code === "KeyK") return "previous";
  return "";
}

// A link to the next page of its kind, else the next row of the table.
function step(by, neighbour) {
  const link = document.querySelector(neighbour);
  if (link) {
    link.click();
    return null;
  }
  const rows = [...document.querySelectorAll(ROWS)];
  const current = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[current < 0 ? 0 : current + by];
  return row?.querySelector("a, button, input, summary") || null;
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (document.querySelector("dialog[open]")) return; // Esc and Enter are the dialog's
  if (event.key === "Escape") {
    closeLastToast();
    return;
  }
  if (isTyping(event.target)) return;
  const wanted = meaning(event);
  if (!wanted) return;
  event.preventDefault();
  if (wanted === "help") showHelp();
  else actions[wanted]()?.focus();
}

function showHelp() {
  document.getElementById("keys").showModal();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  if (event.target.closest("#show-keys")) showHelp();
});
