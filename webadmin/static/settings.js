// The slider and the field of the threshold are one value: each follows the other.
document.addEventListener("input", ({ target }) => {
  if (target.dataset.for) {
    document.getElementById(target.dataset.for).value = target.value.replace(".", ",");
    return;
  }
  const slider = document.querySelector(`[data-for="${CSS.escape(target.id || "-")}"]`);
  const value = Number(target.value.replace(",", "."));
  if (slider && target.value.trim() && value >= 0 && value <= 1) slider.value = value;
});
