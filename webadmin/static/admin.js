// What every page has: messages, the question before a change, the keyboard.
import "./ask.js";
import "./keyboard.js";
import { toast } from "./toasts.js";

// A failed request says so instead of leaving a page that looks fresh. The server's own words
// come as a toast with its answer; a 401 is asked about.
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.status !== 401 && !xhr.getResponseHeader("HX-Trigger")) {
    toast("error", `Не получилось: сервер ответил ${xhr.status}. Обновите страницу и повторите.`);
  }
});
document.addEventListener("htmx:sendError", () => {
  toast("error", "Нет связи с сервером. Проверьте сеть и повторите.");
});
document.addEventListener("htmx:timeout", () => {
  toast("error", "Сервер не отвечает. Повторите через минуту.");
});
