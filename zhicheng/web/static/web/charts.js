// Draws tables of the page as charts: the numbers are the table's own, read from its cells.
// On a canvas, tooltips too (richText): our policy lets no inline style through.
(function () {
  "use strict";

  const PALETTE = {
    light: ["#1d3f63", "#3f7fc4", "#c98a1b", "#1b6e45", "#7a5ba8", "#a61b1b", "#5b8f8f", "#8a6d3b", "#9aa5b1", "#6d7f2a", "#b0567a", "#4b5563", "#d9a441"],
    dark: ["#7fb0e6", "#3f7fc4", "#f0bd62", "#6fd19c", "#b79be0", "#f59a9a", "#7fc4c4", "#c9ab73", "#8796a6", "#b3c667", "#e08fb1", "#cbd5e1", "#8a6d3b"],
  };

  function shade(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // What isn't shown is no nought: it has no bar, and its tooltip says none.
  function number(cell) {
    const text = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent;
    const found = parseFloat(text.replace(/[,\s]/g, ""));
    return Number.isFinite(found) ? found : null;
  }

  function read(table) {
    const heads = [...table.querySelectorAll("thead th")];
    const rows = [...table.querySelectorAll("tr[data-category]")];
    return {
      categories: rows.map((row) => row.dataset.category),
      marked: rows.map((row) => row.hasAttribute("data-mark")),
      series: heads
        .map((head, place) => ({ head, place }))
        .filter((item) => item.head.hasAttribute("data-series"))
        .map((item) => ({
          name: item.head.dataset.series || item.head.textContent.trim(),
          values: rows.map((row) => number(row.cells[item.place])),
        }))
        // A part that is nothing everywhere only fills the legend.
        .filter((item, _place, all) => all.length < 4 || item.values.some((value) => value)),
    };
  }

  function options(place, data) {
    const kind = place.dataset.chart;
    const dark = document.documentElement.getAttribute("data-bs-theme") === "dark";
    const muted = shade("--zc-muted"), grid = shade("--zc-line"), bad = shade("--zc-bad");
    const narrow = place.clientWidth < 520;
    const lying = kind === "stack" || kind === "rows";
    // Upright bars are all named where each has room for two characters and a mark of omission.
    const room = (place.clientWidth - 60) / data.categories.length - 6;
    const each = kind === "bar" && room >= 40;
    const category = {
      type: "category",
      data: data.categories,
      inverse: lying,
      boundaryGap: kind !== "line",
      axisLabel: { color: muted, hideOverlap: kind !== "rows" && !each, interval: kind === "rows" || each ? 0 : "auto", width: each ? Math.min(room, 130) : narrow ? 70 : 130, overflow: "truncate" },
      axisLine: { lineStyle: { color: grid } },
      axisTick: { show: false },
    };
    const amount = {
      type: "value",
      name: lying ? "" : place.dataset.unit,
      nameTextStyle: { color: muted },
      minInterval: place.dataset.unit === "%" ? 0 : 1,
      splitNumber: narrow ? 3 : 5,
      axisLabel: { color: muted, hideOverlap: true },
      splitLine: { lineStyle: { color: grid } },
    };
    const level = parseFloat(place.dataset.line);
    return {
      animation: false,
      color: PALETTE[dark ? "dark" : "light"],
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: shade("--zc-text") },
      grid: { left: 8, right: 20, top: data.series.length > 1 ? (lying ? 34 : 52) : (lying ? 8 : 32), bottom: 6, containLabel: true },
      legend: data.series.length > 1
        ? { type: "scroll", top: 0, left: 0, right: 0, textStyle: { color: shade("--zc-text") }, itemWidth: 14, itemHeight: 9, pageTextStyle: { color: muted } }
        : undefined,
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        axisPointer: { type: kind === "line" ? "line" : "shadow" },
        backgroundColor: shade("--zc-card"),
        borderColor: grid,
        textStyle: { color: shade("--zc-text") },
      },
      xAxis: lying ? amount : category,
      yAxis: lying ? category : amount,
      series: data.series.map((item, order) => ({
        name: item.name,
        type: kind === "line" ? "line" : "bar",
        step: kind === "line" ? "end" : undefined,
        stack: kind === "stack" ? "all" : undefined,
        showSymbol: false,
        barMaxWidth: 26,
        data: kind === "bar" || kind === "rows"
          ? item.values.map((value, row) => (data.marked[row] ? { value, itemStyle: { color: bad } } : value))
          : item.values,
        markLine: order === 0 && Number.isFinite(level)
          ? {
              symbol: "none",
              silent: true,
              lineStyle: { color: shade("--zc-wait"), type: "dashed" },
              label: { formatter: place.dataset.lineLabel, position: "insideEndTop", color: shade("--zc-wait") },
              data: [{ yAxis: level }],
            }
          : undefined,
      })),
    };
  }

  function draw(place) {
    const table = document.getElementById(place.dataset.table);
    if (!table || !window.echarts) return;
    const drawn = echarts.getInstanceByDom(place) || echarts.init(place);
    drawn.setOption(options(place, read(table)), true);
    if (!place.dataset.watched) {
      place.dataset.watched = "yes";
      new ResizeObserver(function () {
        drawn.resize();
        drawn.setOption(options(place, read(table)), true);
      }).observe(place);
    }
  }

  function drawAll() {
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("zc:sorted", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
