// Draws each chart from the columns of its table, in the colours of the page.
const { Chart } = window;

const COLOURS = {
  general: "--general",
  tech: "--tech",
  primary: "--bs-primary",
  success: "--bs-success",
  danger: "--bs-danger",
  secondary: "--bs-secondary",
  info: "--bs-info",
  warning: "--bs-warning",
};
const FEW = 8; // so many labels are all shown
const drawn = new Map();

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// What a cell says: «1 234», «49,1 %»; nothing for «—».
function number({ dataset, textContent }) {
  const digits = dataset.value ?? textContent.replace(/[^\d,]/g, "").replace(",", ".");
  return digits === "" ? null : Number(digits);
}

function series(figure, rows, heads) {
  return heads.flatMap((head, column) =>
    head.dataset.in === figure.id
      ? [
          {
            label: head.textContent.trim(),
            data: rows.map((row) => number(row.cells[column])),
            backgroundColor: colour(COLOURS[head.dataset.colour]),
            maxBarThickness: 48,
          },
        ]
      : [],
  );
}

function scales(isStacked, unit, isFew) {
  const color = colour("--bs-body-color");
  const labels = isFew ? { autoSkip: false } : { maxRotation: 0, autoSkipPadding: 12 };
  return {
    x: { stacked: isStacked, ticks: { color, ...labels }, grid: { display: false } },
    y: {
      stacked: isStacked,
      beginAtZero: true,
      max: unit === "%" ? 100 : undefined,
      ticks: { color, precision: 0 },
      title: { display: unit !== "", text: unit, color },
      grid: { color: colour("--bs-border-color") },
    },
  };
}

function options({ dataset: { chart, unit } }, rows) {
  const linkAt = (points) => points.length > 0 && rows[points[0].index].querySelector("a");
  const told = ({ dataset, formattedValue }) => `${dataset.label}: ${formattedValue} ${unit}`;
  return {
    locale: "ru",
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: scales(chart === "stacked", unit, rows.length <= FEW),
    plugins: {
      legend: { labels: { color: colour("--bs-body-color"), boxWidth: 12 } },
      tooltip: { callbacks: { label: told } },
    },
    onClick: (_event, points) => linkAt(points) && linkAt(points).click(),
    onHover: ({ native }, points) => native.target.classList.toggle("is-link", !!linkAt(points)),
  };
}

function draw(figure) {
  const { tHead, tBodies } = document.getElementById(figure.dataset.table);
  const rows = [...tBodies[0].rows];
  const labels = rows.map((row) => row.cells[0].textContent.trim());
  drawn.get(figure)?.destroy();
  const chart = new Chart(figure.querySelector("canvas"), {
    type: "bar",
    data: { labels, datasets: series(figure, rows, [...tHead.rows[0].cells]) },
    options: options(figure, rows),
  });
  drawn.set(figure, chart);
}

function drawAll() {
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
}

document.getElementById("print").addEventListener("click", () => window.print());
new MutationObserver(drawAll).observe(document.documentElement, {
  attributeFilter: ["data-bs-theme"],
});
drawAll();
