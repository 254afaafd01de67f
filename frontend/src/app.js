// One bundle for every page. Each module finds its own elements by data attributes, after load and after htmx swaps.
import htmx from "htmx.org/dist/htmx.esm.js";
import "./board.js";
import "./charts.js";
import "./chart-files.js";
import "./dialogs.js";
import "./keys.js";
import "./listed.js";
import "./lists.js";
import "./live.js";
import "./menus.js";
import "./palette.js";
import "./panels.js";
import "./prefs.js";
import "./running.js";
import "./tables.js";
import "./toasts.js";

window.htmx = htmx;
