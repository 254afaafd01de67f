// The inbox of Bihuan in a customer's product: a bell with the number of unread messages, a banner, a pop-up.
// Embedded with <script src="https://…/r/reach.js" data-channel data-id data-signature (or data-token)>. It holds to the strictest
// Content-Security-Policy: no eval, no inline style (a constructed sheet in a shadow root), texts are text and links are web links.
const me = document.currentScript;
const home = new URL(me.src).origin;
const given = me.dataset;
const chinese = (given.lang || document.documentElement.lang || navigator.language).startsWith("zh");
const say = chinese
  ? { inbox: "消息", close: "关闭", none: "还没有消息", more: "查看", unread: (n) => `消息，${n} 条未读` }
  : { inbox: "Messages", close: "Close", none: "No messages yet", more: "Open", unread: (n) => `Messages, ${n} unread` };
const EVERY = 60_000;

const SHEET = `
:host{all:initial;font:14px/1.5 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;color:#1a2330}
*{box-sizing:border-box}
[hidden]{display:none!important}
button,a{font:inherit;color:inherit;cursor:pointer}
button{background:none;border:0;padding:0}
:focus-visible{outline:2px solid #0b6e75;outline-offset:2px}
.bell{position:fixed;right:16px;bottom:16px;z-index:2147483000;width:48px;height:48px;border-radius:50%;background:#0b6e75;color:#fff;box-shadow:0 4px 16px rgb(20 30 45/25%);display:grid;place-items:center}
.count{position:absolute;top:-4px;right:-4px;min-width:20px;height:20px;border-radius:10px;background:#b3261e;color:#fff;font-size:12px;line-height:20px;padding:0 5px}
.list,.pop{position:fixed;z-index:2147483001;background:#fff;border-radius:10px;box-shadow:0 8px 32px rgb(20 30 45/25%);overflow:auto}
.list{right:16px;bottom:76px;width:360px;max-width:calc(100vw - 32px);max-height:min(560px,calc(100vh - 100px))}
.pop{inset:0;margin:auto;width:440px;max-width:calc(100vw - 32px);height:fit-content;max-height:calc(100vh - 32px);padding:20px}
.veil{position:fixed;inset:0;z-index:2147483000;background:rgb(20 30 45/45%)}
.banner{position:fixed;z-index:2147482999;top:0;left:0;right:0;background:#0b6e75;color:#fff;padding:10px 16px;display:flex;gap:12px;align-items:center;flex-wrap:wrap}
.banner p{margin:0;flex:1 1 200px}
.head{display:flex;justify-content:space-between;align-items:center;gap:12px}
.list .head{padding:12px 16px;border-bottom:1px solid #e2e6eb;position:sticky;top:0;background:#fff}
h2,h3{font-size:15px;margin:0;font-weight:600}
.x{width:32px;height:32px;border-radius:6px;font-size:20px;line-height:1}
ul{list-style:none;margin:0;padding:0}
li{padding:12px 16px;border-bottom:1px solid #e2e6eb}
li.new{background:#e2f1f2}
p{margin:4px 0 8px;white-space:pre-line;overflow-wrap:anywhere}
time,.none{color:#556172;font-size:12px}
.none{padding:24px 16px;text-align:center}
.go{display:inline-block;padding:5px 14px;border-radius:6px;background:#0b6e75;color:#fff;text-decoration:none}
.banner .go{background:#fff;color:#08565c}
@media(prefers-color-scheme:dark){:host{color:#e6eaf0}.list,.pop,.list .head{background:#1a212a}li,.list .head{border-color:#313c49}li.new{background:#12383b}time,.none{color:#a3afbf}}
`;

let messages = [];
let open = false;
let before = null;
const shown = new Set();

const el = (name, css, text) => {
  const made = document.createElement(name);
  if (css) made.className = css;
  if (text) made.textContent = text;
  return made;
};

async function ask(path, more) {
  const body = { channel: given.channel, id: given.id, signature: given.signature, token: given.token, ...more };
  // text/plain, and no cookies: the browser need not ask beforehand.
  const answer = await fetch(`${home}/r/${path}`, {
    method: "POST", body: JSON.stringify(body), credentials: "omit", keepalive: true,
  });
  if (!answer.ok) throw new Error(`Bihuan answered ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

const tell = (message, what) => ask("seen", { message: message.id, what }).catch(() => {});

function saw(message) {
  if (message.opened) return;
  message.opened = true;
  tell(message, "opened");
  count();
}

function link(message) {
  if (!/^https?:\/\//i.test(message.link)) return null;
  const made = el("a", "go", message.link_words || say.more);
  made.href = message.link;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  made.addEventListener("click", () => {
    message.opened = true;
    tell(message, "clicked");
    count();
  });
  return made;
}

function closer(done) {
  const made = el("button", "x", "×");
  made.type = "button";
  made.setAttribute("aria-label", say.close);
  made.addEventListener("click", done);
  return made;
}

const host = el("bihuan-inbox");
const root = host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(SHEET);
root.adoptedStyleSheets = [sheet];

const bell = el("button", "bell");
bell.type = "button";
bell.setAttribute("aria-expanded", "false");
bell.append(el("span", "", "✉"), el("span", "count"));
const list = el("section", "list");
list.setAttribute("role", "dialog");
list.setAttribute("aria-label", say.inbox);
list.tabIndex = -1;
list.hidden = true;
const spots = el("div");

function count() {
  const n = messages.filter((one) => !one.opened).length;
  const spot = bell.lastChild;
  spot.textContent = n > 99 ? "99+" : String(n);
  spot.hidden = !n;
  bell.setAttribute("aria-label", say.unread(n));
}

function fill() {
  const head = el("div", "head");
  head.append(el("h2", "", say.inbox), closer(() => toggle(false)));
  const rows = el("ul");
  for (const one of messages) {
    const row = el("li", one.opened ? "" : "new");
    const when = el("time", "", new Date(one.at).toLocaleString(chinese ? "zh-CN" : undefined));
    when.dateTime = one.at;
    const way = link(one);
    row.append(el("h3", "", one.subject), el("p", "", one.body), ...(way ? [way, " "] : []), when);
    rows.append(row);
  }
  list.replaceChildren(head, messages.length ? rows : el("p", "none", say.none));
}

function toggle(wanted) {
  open = wanted;
  bell.setAttribute("aria-expanded", String(open));
  list.hidden = !open;
  if (!open) return bell.focus();
  fill();
  messages.forEach(saw);
  list.focus();
}

function close(message, spot, back) {
  message.closed = true;
  tell(message, "closed");
  spot.remove();
  back?.focus?.();
  show();
}

function banner(message) {
  const spot = el("div", "banner");
  spot.setAttribute("role", "status");
  const way = link(message);
  spot.append(el("p", "", `${message.subject} ${message.body}`.trim()), ...(way ? [way] : []), closer(() => close(message, spot)));
  spots.append(spot);
}

function popup(message) {
  before = document.activeElement;
  const spot = el("div");
  const box = el("section", "pop");
  const end = () => close(message, spot, before);
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-modal", "true");
  box.setAttribute("aria-label", message.subject);
  box.tabIndex = -1;
  const head = el("div", "head");
  head.append(el("h2", "", message.subject), closer(end));
  const way = link(message);
  box.append(head, el("p", "", message.body), ...(way ? [way] : []));
  const veil = el("div", "veil");
  veil.addEventListener("click", end);
  spot.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    if (event.key !== "Tab") return;
    const stops = [...box.querySelectorAll("button,a")];
    const last = event.shiftKey ? 0 : stops.length - 1;
    if (root.activeElement === stops[last] || root.activeElement === box) {
      event.preventDefault();
      stops[event.shiftKey ? stops.length - 1 : 0].focus();
    }
  });
  spot.append(veil, box);
  spots.append(spot);
  box.focus();
}

function show() {
  if (spots.childElementCount) return;
  const due = messages.filter((one) => one.shows !== "inbox" && !one.closed && !one.opened && !shown.has(one.id));
  const next = due.find((one) => one.shows === "popup") ?? due[0];
  if (!next) return;
  shown.add(next.id);
  (next.shows === "popup" ? popup : banner)(next);
  saw(next);
}

async function load() {
  try {
    const found = await ask("inbox");
    const known = new Map(messages.map((one) => [one.id, one]));
    messages = found.messages.map((one) => ({ ...one, opened: one.opened || !!known.get(one.id)?.opened }));
  } catch (error) {
    return console.info(String(error));
  }
  if (!host.isConnected) document.body.append(host);
  count();
  if (open) fill();
  show();
}

bell.addEventListener("click", () => toggle(!open));
list.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
root.append(bell, list, spots);
const begin = () => {
  load();
  setInterval(() => document.hidden || load(), EVERY);
};
if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
