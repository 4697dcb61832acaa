// The editor of a base: where it opens, the way to a section, and no edit lost by accident.
const part = (name) => document.getElementById(name);

/** Put the caret there and that line at the top of the field. */
function goTo(field, offset) {
  const whole = field.value;
  field.value = whole.slice(0, offset);
  field.scrollTop = 0;
  const above = field.scrollHeight; // as high as what stands before the caret
  field.value = whole;
  field.setSelectionRange(offset, offset);
  field.focus({ preventScroll: true });
  const line = parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = offset ? Math.max(0, above - 2 * line) : 0;
}

function offsetOf(text, title) {
  for (const found of text.matchAll(/^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/gm)) {
    if (found[1] === title) return found.index;
  }
  return -1;
}

function showInPreview(slug) {
  const preview = part("preview");
  const heading = slug && preview.querySelector(`#${CSS.escape(slug)}`);
  if (!heading) return;
  preview.scrollTop += heading.getBoundingClientRect().top - preview.getBoundingClientRect().top;
}

function edit(form) {
  const field = part("text");
  const saved = () => form.dataset.saved === "yes" || field.value === field.defaultValue;
  goTo(field, Number(field.dataset.caret));
  showInPreview(part("preview").dataset.section);
  part("jump").addEventListener("change", ({ target }) => {
    const offset = offsetOf(field.value, target.value);
    if (target.value && offset >= 0) goTo(field, offset);
    target.value = "";
  });
  form.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.elt === form && detail.xhr.status < 400) form.dataset.saved = "yes";
  });
  window.addEventListener("beforeunload", (event) => {
    if (!saved()) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.code === "KeyS" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

const editor = part("editor");
if (editor) edit(editor);
