// The question before a change: a confirmation (hx-confirm), the key, or both in one dialog.
//
// Every htmx request but GET needs the key, and a GET below [data-needs-key]; none below
// [data-no-key]. The key is kept for this tab only, and never in the page or an address.
import { toast } from "./toasts.js";

const KEY = "api-key";
const AUTHOR = "author";
const again = new WeakMap(); // element → sends its last request once more

const part = (name) => document.getElementById(name);
const content = (name) => document.querySelector(`meta[name="${name}"]`)?.content;

/** Ask for what is not known yet; true when the operator agreed. */
export async function ask({ question = "", needsKey = true, problem = "" } = {}) {
  // Without a key on the server every change is refused, and the refusal says why.
  const asksKey = needsKey && content("api-key") === "set" && !sessionStorage.getItem(KEY);
  if (!question && !asksKey) return true;
  const dialog = part("ask");
  if (dialog.open) return false;
  fill(question, asksKey, problem);
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  const agreed = dialog.returnValue === "agree";
  if (agreed && asksKey) keepAnswers();
  part("ask-key-value").value = "";
  return agreed;
}

/** The headers of a changing request of ours: the token of this page, the key, the author. */
export function changeHeaders() {
  const headers = { "X-CSRFToken": content("csrf-token") };
  const key = sessionStorage.getItem(KEY);
  if (key) headers["X-API-Key"] = asBytes(key);
  const author = localStorage.getItem(AUTHOR);
  if (author) headers["X-Author"] = encodeURIComponent(author);
  return headers;
}

/** Whether an answer says that the key is missing or wrong; a kept one is then forgotten. */
export function keyRefused(status, challenge) {
  const refused = status === 401 && /^apikey\b/i.test(challenge || "");
  if (refused) sessionStorage.removeItem(KEY);
  return refused;
}

function fill(question, asksKey, problem) {
  part("ask-title").textContent = question || "Для изменений нужен ключ доступа";
  part("ask-key").hidden = !asksKey;
  part("ask-key-value").disabled = !asksKey; // else it would be required
  part("ask-author").value = localStorage.getItem(AUTHOR) || "";
  part("ask-problem").textContent = problem;
  part("ask-agree").textContent = question ? "Да" : "Продолжить";
}

function keepAnswers() {
  sessionStorage.setItem(KEY, part("ask-key-value").value.trim());
  localStorage.setItem(AUTHOR, part("ask-author").value.trim());
}

// A header holds bytes: letters beyond Latin-1 would be refused by the browser.
function asBytes(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function needsKey(element, verb) {
  if (element.closest("[data-no-key]")) return false;
  return verb !== "get" || element.closest("[data-needs-key]") !== null;
}

document.addEventListener("htmx:confirm", async (event) => {
  const { elt, verb, question, issueRequest } = event.detail;
  const wanted = { question: question || "", needsKey: needsKey(elt, verb) };
  if (!wanted.question && !wanted.needsKey) return;
  event.preventDefault();
  again.set(elt, () => issueRequest(true));
  if (await ask(wanted)) issueRequest(true);
});

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (needsKey(detail.elt, detail.verb)) Object.assign(detail.headers, changeHeaders());
  else if (detail.verb !== "get") detail.headers["X-CSRFToken"] = content("csrf-token");
});

document.addEventListener("htmx:responseError", async ({ detail: { elt, xhr } }) => {
  if (!keyRefused(xhr.status, xhr.getResponseHeader("WWW-Authenticate"))) return;
  const problem = "Ключ не подошёл. Проверьте раскладку и Caps Lock.";
  const repeat = again.get(elt);
  if (!repeat) toast("error", problem);
  else if (await ask({ problem })) repeat();
});
