// The page of a call: its print button.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
