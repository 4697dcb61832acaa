// Light, dark or as the system says; set before the first paint, kept in this browser.
{
  const KEPT = "theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem(KEPT) || "auto";
    } catch {
      return "auto"; // storage may be forbidden
    }
  };
  const keep = (choice) => {
    try {
      localStorage.setItem(KEPT, choice);
    } catch {
      // then it holds for this page only
    }
  };
  const apply = (choice) => {
    const system = dark.matches ? "dark" : "light";
    document.documentElement.dataset.bsTheme = choice === "auto" ? system : choice;
  };
  const show = () => {
    document.getElementById("theme").value = kept();
  };
  apply(kept());
  dark.addEventListener("change", () => apply(kept()));
  window.addEventListener("storage", () => apply(kept()));
  document.addEventListener("change", (event) => {
    if (event.target.id === "theme") {
      keep(event.target.value);
      apply(event.target.value);
    }
  });
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("htmx:historyRestore", show); // this puts a new page into the window
}
