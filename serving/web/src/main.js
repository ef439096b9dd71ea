// Everything a page does in the browser: htmx refreshes tables, uPlot draws charts, and a few forms help themselves.
import htmx from "htmx.org";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { drawCharts } from "./charts.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false; // our stylesheet has them; the policy forbids inline ones
htmx.config.selfRequestsOnly = true;
window.htmx = htmx;

function submitFiltersOnChange() {
  for (const form of document.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}

drawCharts(document);
submitFiltersOnChange();
document.documentElement.dataset.ready = "true";
