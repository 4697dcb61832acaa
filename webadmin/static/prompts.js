// The form of the prompts: counters, lines that come and go, what is wrong, and no edit lost.
const form = document.getElementById("prompts");

const length = (field) => [...field.value.replace(/\r\n/g, "\n").trim()].length;

function count(field) {
  const shown = document.getElementById(`${field.id}-count`);
  const limit = Number(field.dataset.limit);
  shown.textContent = `${length(field)} из ${limit}`;
  shown.classList.toggle("count-over", length(field) > limit);
}

function addItem(list, after = null, value = "") {
  const made = list.parentElement.querySelector("template").content.firstElementChild.cloneNode(true);
  if (after) after.after(made);
  else list.prepend(made);
  const input = made.querySelector("input");
  input.value = value;
  input.focus();
  return made;
}

function removeItem(item) {
  const near = item.nextElementSibling || item.previousElementSibling;
  const add = item.closest("fieldset").querySelector(".add");
  item.remove();
  (near?.querySelector("input") || add).focus();
  tellChanges();
}

function onClick({ target }) {
  if (target.closest(".remove")) removeItem(target.closest(".item"));
  const add = target.closest(".add");
  if (add) addItem(add.parentElement.querySelector(".items"));
}

// In a line Enter begins the next one, and Backspace in an empty one takes it away.
function onKey(event) {
  const item = event.target.closest?.(".item");
  if (!item || event.target.tagName !== "INPUT") return;
  const isEmpty = [...item.querySelectorAll("input")].every((input) => !input.value);
  if (event.key === "Enter") {
    event.preventDefault();
    addItem(item.parentElement, item);
  } else if (event.key === "Backspace" && isEmpty) {
    event.preventDefault();
    const before = item.previousElementSibling?.querySelector("input");
    removeItem(item);
    before?.focus();
  }
}

// A column of phrases from elsewhere becomes as many lines.
function onPaste(event) {
  const item = event.target.closest(".item");
  const lines = event.clipboardData.getData("text").split(/\r?\n/).filter((line) => line.trim());
  if (!item || lines.length < 2) return;
  event.preventDefault();
  let last = item;
  for (const line of lines) last = addItem(item.parentElement, last, line.trim());
  tellChanges();
}

// What the form says, as it would be sent.
const said = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "onto"));

let saved = "";
const isChanged = () => form.dataset.saved !== "yes" && ("changed" in form.dataset || said() !== saved);

function tellChanges() {
  form.querySelector(".unsaved").textContent = isChanged() ? "Есть несохранённые правки." : "";
}

function clearProblems() {
  for (const shown of form.querySelectorAll("[data-problem]")) shown.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function showProblems({ detail: { problems } }) {
  clearProblems();
  for (const { place, words } of problems) {
    const shown = form.querySelector(`[data-problem="${CSS.escape(place)}"]`);
    if (shown) shown.textContent = shown.textContent ? `${shown.textContent}; ${words}` : words;
    document.getElementById(place)?.setAttribute("aria-invalid", "true");
  }
  const wrong = [...form.querySelectorAll("[data-problem]")].filter((shown) => shown.textContent);
  for (const details of wrong.map((shown) => shown.closest("details"))) {
    if (details) details.open = true;
  }
  const [first] = wrong;
  if (!first) return;
  (first.parentElement.querySelector("textarea, input") || first).focus();
  first.scrollIntoView({ block: "center" });
}

// Somebody else was faster: the answer is a choice to be shown below the form, not an error.
function onSwap(event) {
  const { detail } = event;
  if (detail.xhr.status !== 409 || detail.requestConfig.elt !== form) return;
  if (detail.xhr.getResponseHeader("HX-Reswap")) return;
  detail.shouldSwap = true;
  detail.isError = false;
  detail.target = document.getElementById("overtaken");
  detail.swapOverride = "innerHTML";
}

function edit() {
  saved = said();
  for (const field of form.querySelectorAll("[data-limit]")) {
    field.addEventListener("input", () => count(field));
  }
  form.addEventListener("click", onClick);
  form.addEventListener("keydown", onKey);
  form.addEventListener("paste", onPaste);
  form.addEventListener("input", tellChanges);
  form.addEventListener("htmx:beforeSwap", onSwap);
  form.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target.id === "overtaken") target.focus();
  });
  form.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.elt === form && detail.xhr.status < 400) form.dataset.saved = "yes";
  });
  document.addEventListener("prompts-wrong", showProblems);
  window.addEventListener("beforeunload", (event) => {
    if (isChanged()) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.code === "KeyS" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  tellChanges();
}

if (form) edit();
