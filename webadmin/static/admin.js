// A fragment that could not be loaded says so instead of leaving a page that looks fresh.
const failure = document.getElementById("failure");
const say = (words) => {
  failure.textContent = words;
  failure.hidden = false;
};
document.addEventListener("htmx:responseError", (event) => {
  say(`Не удалось обновить список: сервер ответил ${event.detail.xhr.status}.`);
});
document.addEventListener("htmx:sendError", () => {
  say("Не удалось обновить список: нет связи с сервером.");
});
document.addEventListener("htmx:afterSwap", () => {
  failure.hidden = true;
});
