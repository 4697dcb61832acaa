// Messages in the corner. The server sends them as the event «toast» (HX-Trigger).
const SHOWN_MS = 5000;

/** Show a message: "success" goes by itself, "error" stays until it is closed. */
export function toast(kind, text) {
  const region = document.getElementById(`toasts-${kind}`);
  const isShown = [...region.children].some((box) => box.innerText.trim() === text.trim());
  if (isShown) return; // a page that asks each second complains once
  const box = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  box.querySelector(".toast-text").textContent = text;
  box.querySelector("button").addEventListener("click", () => box.remove());
  region.append(box);
  if (kind === "success") goLater(box);
}

/** Close the message that came last; false when there is none. */
export function closeLastToast() {
  const boxes = document.querySelectorAll(".toasts .toast-box");
  boxes[boxes.length - 1]?.remove();
  return boxes.length > 0;
}

// Who points at a message or has the focus in it is still reading.
function goLater(box) {
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => box.remove(), SHOWN_MS);
  };
  const stay = () => clearTimeout(timer);
  box.addEventListener("pointerenter", stay);
  box.addEventListener("focusin", stay);
  box.addEventListener("pointerleave", wait);
  box.addEventListener("focusout", wait);
  wait();
}

function showWaiting() {
  for (const waiting of document.querySelectorAll("template.toast-waiting")) {
    waiting.remove();
    toast(waiting.dataset.kind, waiting.dataset.text);
  }
}

// An element that another swap took out of the page while it waited is heard no more: what its
// answer says is read from the answer itself.
const heard = new WeakSet();
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => heard.add(detail.xhr));
document.addEventListener("htmx:beforeSend", ({ detail: { xhr } }) => {
  xhr.addEventListener("loadend", () => {
    const events = xhr.getResponseHeader("HX-Trigger") || "";
    if (heard.has(xhr) || !events.startsWith("{")) return;
    const lost = JSON.parse(events).toast;
    if (lost) toast(lost.kind, lost.text);
  });
});

document.addEventListener("toast", ({ detail }) => toast(detail.kind, detail.text));
document.addEventListener("htmx:historyRestore", showWaiting);
showWaiting();
