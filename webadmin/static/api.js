// The forms of the API page: send the request, show what came back, keep the curl line true.
import { ask, changeHeaders, keyRefused } from "./ask.js";
import { toast } from "./toasts.js";
import { talk } from "./apisocket.js";

const MOST_SHOWN = 100_000;
const KEY_REFUSED = "Ключ не подошёл. Проверьте раскладку и Caps Lock.";

/** The request that a form means: its address, headers and body. */
function meant(form) {
  const { method, path } = form.dataset;
  const request = { method, path, query: new URLSearchParams(), headers: {}, body: null };
  for (const field of form.querySelectorAll("[data-in]")) {
    const value = field.value.trim();
    if (value !== "") put(request, field.dataset.in, field.name, value);
  }
  if (form.elements.body) {
    request.headers["Content-Type"] = "application/json";
    request.body = form.elements.body.value;
  }
  return request;
}

function put(request, where, name, value) {
  if (where === "query") request.query.append(name, value);
  else if (where === "header") request.headers[name] = headerValue(name, value);
  else request.path = request.path.replace(`{${name}}`, encodeURIComponent(value));
}

// A header holds bytes; the author's name travels percent-encoded.
function headerValue(name, value) {
  return name === "X-Author" ? encodeURIComponent(value) : value;
}

function address({ path, query }) {
  const asked = query.toString();
  return asked ? `${path}?${asked}` : path;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The same for a console; the key stays a variable, so that nobody copies it by accident. */
function curl(form) {
  const request = meant(form);
  const words = ["curl"];
  if (request.method !== "GET") words.push("-X", request.method);
  words.push(quoted(location.origin + address(request)));
  if ("key" in form.dataset) words.push('-H "X-API-Key: $API_SECRET_KEY"');
  for (const [name, value] of Object.entries(request.headers)) {
    words.push("-H", quoted(`${name}: ${value}`));
  }
  if (request.body !== null) words.push("-d", quoted(request.body));
  const file = form.elements.file;
  if (file) words.push("-F", quoted(`file=@${file.files[0]?.name || "база.md"}`));
  return words.join(" ");
}

async function run(form, problem = "") {
  const request = meant(form);
  const needsKey = "key" in form.dataset;
  const question = request.method === "DELETE" ? `Удалить: ${address(request)}?` : "";
  if ((needsKey || question) && !(await ask({ question, needsKey, problem }))) return;
  if (needsKey) request.headers = { ...changeHeaders(), ...request.headers };
  const response = await send(form, request);
  if (response && keyRefused(response.status, response.headers.get("WWW-Authenticate"))) {
    await run(form, KEY_REFUSED);
  }
}

async function send(form, request) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  const began = performance.now();
  try {
    const body = form.elements.file ? new FormData(form) : request.body;
    const { method, headers } = request;
    const response = await fetch(address(request), { method, headers, body });
    show(form, response, await response.text(), performance.now() - began);
    return response;
  } catch {
    toast("error", "Нет связи с сервером. Проверьте сеть и повторите.");
    return null;
  } finally {
    button.disabled = false;
  }
}

function show(form, response, text, ms) {
  const parts = document.getElementById("api-result-parts").content.cloneNode(true);
  const status = parts.querySelector(".api-status");
  status.textContent = `${response.status} ${response.statusText} — ${Math.round(ms)} мс`;
  status.classList.add(response.ok ? "api-ok" : "api-refused");
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  parts.querySelector("[data-headers]").textContent = headers.join("\n");
  parts.querySelector("[data-answer]").textContent = readable(text) || "(пусто)";
  form.querySelector(".api-result").replaceChildren(parts);
}

function readable(text) {
  const shown = text.slice(0, MOST_SHOWN);
  if (shown !== text) return `${shown}\n… показано начало`;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function copy(form) {
  try {
    await navigator.clipboard.writeText(curl(form));
    toast("success", "Команда скопирована.");
  } catch {
    // Browsers give no clipboard to a page without TLS from another computer.
    getSelection().selectAllChildren(form.querySelector("[data-curl]"));
    toast("error", "Браузер не дал скопировать. Команда выделена: нажмите Ctrl+C.");
  }
}

function keepCurl(form) {
  const place = form.querySelector("[data-curl]");
  if (place) place.textContent = curl(form);
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.matches("details")) named.open = true;
}

function search(words) {
  const wanted = words.trim().toLowerCase();
  let found = 0;
  for (const operation of document.querySelectorAll(".api-operation")) {
    const heading = operation.querySelector("summary").textContent.toLowerCase();
    operation.hidden = !heading.includes(wanted);
    found += operation.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll(".api-group")) {
    group.hidden = !group.querySelector(".api-operation:not([hidden])");
  }
  document.getElementById("api-nothing").hidden = found > 0;
}

// The operations come when they are opened, so their forms are listened to from above.
document.addEventListener("submit", (event) => {
  const form = event.target.closest(".api-form");
  if (!form) return;
  event.preventDefault();
  if ("socket" in form.dataset) talk(form);
  else run(form);
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest(".api-form");
  if (form) keepCurl(form);
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-copy]")) copy(target.closest(".api-form"));
});
document.addEventListener("htmx:load", ({ detail }) => {
  for (const form of detail.elt.parentElement.querySelectorAll(".api-form")) keepCurl(form);
});
document.getElementById("api-search").addEventListener("input", (event) => {
  search(event.target.value);
});
window.addEventListener("hashchange", openNamed);
document.addEventListener("DOMContentLoaded", openNamed); // htmx listens from then on
