// The form of /ws: one socket to a form, opened by the first question.
const sockets = new WeakMap();

/** Ask over the form's socket; everything said is added to its list. */
export function talk(form) {
  const socket = sockets.get(form) ?? open(form);
  const words = form.elements.text.value;
  const send = () => {
    socket.send(words);
    say(form, "Вы", words);
  };
  if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", send);
  else send();
}

function open(form) {
  const address = new URL("ws", location.origin);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("callerId", form.elements.callerId.value || "API");
  const socket = new WebSocket(address);
  const finish = form.querySelector("[data-close]");
  form.querySelector(".api-result").replaceChildren(list());
  finish.hidden = false;
  finish.onclick = () => socket.close();
  socket.addEventListener("message", ({ data }) => say(form, "Помощник", data));
  socket.addEventListener("close", ({ code }) => {
    sockets.delete(form);
    finish.hidden = true;
    say(form, "Соединение закрыто", `код ${code}`);
  });
  sockets.set(form, socket);
  return socket;
}

function list() {
  const talkList = document.createElement("ul");
  talkList.className = "api-talk list-unstyled";
  return talkList;
}

function say(form, who, words) {
  const line = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = `${who}: `;
  line.append(name, words);
  form.querySelector(".api-talk").append(line);
}
