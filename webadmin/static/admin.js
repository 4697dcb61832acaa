// A fragment that could not be loaded says so instead of leaving a page that looks fresh.
const say = (words) => {
  // Looked up each time: going back in the history puts a new page into the window.
  const failure = document.getElementById("failure");
  failure.textContent = words;
  failure.hidden = words === "";
};
document.addEventListener("htmx:responseError", (event) => {
  say(`Не удалось обновить список: сервер ответил ${event.detail.xhr.status}.`);
});
document.addEventListener("htmx:sendError", () => {
  say("Не удалось обновить список: нет связи с сервером.");
});
document.addEventListener("htmx:afterSwap", () => say(""));
