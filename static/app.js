// Only what HTML and htmx cannot do: the page's dialog, what went wrong, drafts, the characters and tags at the caret.

const dialog = () => document.getElementById("dialog");
const live = (text) => {
  const region = document.querySelector("#dialog[open] [data-live]") || document.getElementById("live");
  if (region) region.textContent = text;
};

// ---- The dialog: what arrives in it opens it; its heading takes the focus, never a button. ----

let opener = null;

document.addEventListener("htmx:before:request", (event) => {
  if (!dialog()?.open) opener = event.target;
});

document.addEventListener("htmx:after:swap", (event) => {
  const box = dialog();
  if (!box || [...box.children].every((each) => each === trouble)) return;
  const arrived = !box.open || [box.id, "popup"].includes(event.detail.ctx?.target?.id);
  if (!box.open) openDialog();
  bringTrouble();
  const focus =
    box.querySelector("[data-focus]:not([data-focused])") ||
    (arrived && (box.querySelector("[aria-invalid]") || box.querySelector("#dialog-title")));
  if (focus) {
    focus.dataset.focused = "";
    focus.focus();
  }
});

// A page that came back with errors leads to the first of them.
document.querySelector("main [aria-invalid=true]")?.focus();

function openDialog() {
  dialog().setAttribute("aria-labelledby", "dialog-title");
  dialog().showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#dialog [data-close-dialog]")) {
    event.preventDefault();
    dialog().close();
  }
});

document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  const form = changedForm();
  calm();
  bringTrouble();
  const content = [...dialog().childNodes];
  dialog().replaceChildren();
  if (opener?.isConnected) opener.focus();
  if (form) keepOrReopen(form, content);
}, true);

// ---- What went wrong stands in one place, in the dialog while that is open; what is typed is never replaced. ----

const trouble = document.getElementById("trouble");
const isFrom = (ctx, selector) => Boolean(ctx?.sourceElement?.matches?.(selector));
const isPoll = (ctx) => isFrom(ctx, "[hx-trigger*=every]");
const isCounter = (ctx) => isFrom(ctx, "#figures, [hx-target='#figures']");

// What comes by itself, or with each key, says nothing of what was pressed: its success ends only its own complaint.
function calms(ctx) {
  if (isPoll(ctx)) return trouble.dataset.from === "poll";
  return trouble.dataset.from !== "poll" && (trouble.dataset.from === "counter" || !isCounter(ctx));
}

function bringTrouble() {
  const place = dialog()?.open ? dialog() : document.getElementById("main");
  if (trouble.parentElement !== place) place.prepend(trouble);
}

function calm() {
  trouble.replaceChildren();
}

function complain(text, ctx) {
  if (trouble.textContent !== text) {
    const note = document.createElement("div");
    note.className = "note note-bad";
    note.textContent = text;
    trouble.replaceChildren(note);
  }
  turnTo(ctx);
}

// Who pressed a button is led to what happened; who types or only watches is not disturbed.
function turnTo(ctx) {
  trouble.dataset.from = isPoll(ctx) ? "poll" : isCounter(ctx) ? "counter" : "";
  if (!isPoll(ctx) && !document.activeElement?.matches("input, textarea")) trouble.focus();
}

function failed(ctx) {
  if (ctx.target?.id === "figures") staleNote().hidden = false;
  else complain(trouble.dataset.lost, ctx);
}

const KNOWN = [401, 409, 422]; // a form with what is to be mended, or the login

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const status = ctx.response?.status ?? 200;
  const known = status < 400 || KNOWN.includes(status);
  if (known && !ctx.hx?.retarget && calms(ctx)) calm();
  if (known || ctx.hx?.retarget) return;
  event.preventDefault(); // no answer of ours: a proxy's, or the server's last words
  failed(ctx);
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.hx?.retarget !== "#trouble") return;
  renewToken(trouble);
  turnTo(event.detail.ctx);
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) failed(event.detail.ctx);
});

// A form of an earlier session gets a new token with the error, so that trying again helps; but never somebody else's.
function renewToken(answer, ...forms) {
  const { csrfToken: token, user } = answer.querySelector("[data-csrf-token]")?.dataset ?? {};
  if (token && user !== document.getElementById("login-dialog")?.dataset.user) {
    location.reload();
    return false;
  }
  for (const root of token ? [document, ...forms] : []) {
    for (const input of root.querySelectorAll("input[name=csrf_token]")) input.value = token;
    for (const name of ["hx-headers", "hx-headers:inherited"])
      for (const each of root.querySelectorAll(`[${CSS.escape(name)}*=X-CSRFToken]`))
        each.setAttribute(name, JSON.stringify({ "X-CSRFToken": token }));
  }
  return Boolean(token);
}

// ---- What was typed is kept as a draft, however the popup is left; the form stays until the server has it. ----

const changedForm = () => document.querySelector("form[data-draft-url][data-changed]");

for (const kind of ["input", "change"])
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("form[data-draft-url]");
    if (form && !event.target.closest(".tag-row")) form.dataset.changed = "";
  });

function sendDraft(form) {
  const headers = { "HX-Request": "true" };
  return fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), headers, keepalive: true });
}

async function isKept(form, again = true) {
  try {
    const answer = await sendDraft(form);
    if (answer.ok) return !answer.redirected;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return again && renewToken(page, form) && (await isKept(form, false));
  } catch {
    return false;
  }
}

// Closing once more then leaves it unkept.
async function keepOrReopen(form, content) {
  delete form.dataset.changed;
  if ((await isKept(form)) || dialog().open) return;
  dialog().replaceChildren(...content);
  openDialog();
  bringTrouble();
  complain(trouble.dataset.unkept);
}

window.addEventListener("pagehide", () => {
  if (changedForm()) sendDraft(changedForm()).catch(() => {});
});

// While the popup is on its way to its next step, nothing can be typed that would not come along.
const leaving = new WeakSet();

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.target?.id !== "popup" || !message()) return;
  leaving.add(ctx);
  message().readOnly = true;
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (leaving.has(ctx) && message()) message().readOnly = false;
});

// An answer below what can be seen is brought into view.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  if (target?.hasAttribute?.("data-answer")) target.scrollIntoView({ block: "nearest" });
});

// ---- The message field: what is newly typed beyond the maximum is dropped at the caret, nothing else. ----

const points = (text) => [...text];
const message = () => document.querySelector("textarea[data-max]");
const field = (event) => (event.target.matches?.("textarea[data-max]") ? event.target : null);

function room(area) {
  const { value, selectionStart, selectionEnd } = area;
  const kept = points(value.slice(0, selectionStart)).length + points(value.slice(selectionEnd)).length;
  return Number(area.dataset.max) - kept;
}

function tell(area, dropped, pasted, text) {
  const said = text || (pasted ? area.dataset[dropped === 1 ? "cutOne" : "cutMany"].replace("%s", dropped) : area.dataset.full);
  live(said);
  const note = document.getElementById("limit-note");
  if (note) note.textContent = said;
}

document.addEventListener("beforeinput", (event) => {
  const area = field(event);
  if (!area || event.isComposing || event.inputType.startsWith("delete") || event.inputType.startsWith("history")) return;
  const broken = event.inputType === "insertLineBreak" || event.inputType === "insertParagraph";
  const typed = broken ? "\n" : event.data ?? event.dataTransfer?.getData("text/plain");
  if (!typed) return;
  const characters = points(typed.replace(/\r\n?/g, "\n"));
  const free = Math.max(0, room(area));
  if (characters.length <= free) return;
  event.preventDefault();
  const fitting = characters.slice(0, free).join("");
  if (fitting) document.execCommand("insertText", false, fitting); // keeps the browser's undo
  tell(area, characters.length - free, event.inputType !== "insertText" && !broken);
});

// An input method cannot be stopped while it composes: what it wrote too much is taken back at its end, nothing older.
document.addEventListener("compositionend", (event) => {
  const area = field(event);
  if (!area) return;
  const excess = Math.min(points(area.value).length - Number(area.dataset.max), points(event.data).length);
  if (excess <= 0) return;
  const end = area.selectionStart;
  const start = end - points(area.value.slice(0, end)).slice(-excess).join("").length;
  area.setSelectionRange(start, end);
  document.execCommand("delete");
  tell(area, excess, false);
});

document.addEventListener("input", (event) => {
  const note = document.getElementById("limit-note");
  if (field(event) && note && points(field(event).value).length < Number(field(event).dataset.max)) note.textContent = "";
});

// ---- A tag at the caret: the place goes to the server, the answer says what to put where. ----

let typed = null; // the text as it was asked about, and after each edit since

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  const area = message();
  if (!area || !sourceElement?.matches?.("[data-inserts]")) return;
  typed = [area.value];
  request.body.set("selection_start", area.selectionStart);
  request.body.set("selection_end", area.selectionEnd);
});

document.addEventListener("input", (event) => {
  if (typed && field(event)) typed.push(field(event).value);
});

// Where a position of the text as it was asked about lies now: the user may have typed on, one edit at a time.
function moved(position) {
  return typed.slice(1).reduce((place, now, index) => movedOnce(place, typed[index], now), position);
}

function movedOnce(position, before, now) {
  let head = 0;
  while (head < before.length && head < now.length && before[head] === now[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < now.length - head && before.at(-1 - tail) === now.at(-1 - tail)) tail++;
  if (position <= head) return position;
  return position >= before.length - tail ? position + now.length - before.length : now.length - tail;
}

document.addEventListener("htmx:after:swap", () => {
  const answers = [...document.querySelectorAll("[data-insert]:not([data-done])")];
  const area = message();
  if (!answers.length || !area || !typed) return;
  const edits = answers.map((answer) => {
    answer.dataset.done = "";
    const { insert, start, end } = answer.dataset;
    const from = moved(Number(start));
    return { insert, from, to: Math.max(from, moved(Number(end))) };
  });
  typed = null;
  area.focus();
  for (const { insert, from, to } of edits.sort((a, b) => b.from - a.from)) {
    area.setSelectionRange(from, to);
    if (points(insert).length <= room(area)) document.execCommand("insertText", false, insert);
    else {
      area.setSelectionRange(to, to);
      tell(area, 0, false, area.dataset.tagFull);
    }
  }
});

// ---- Whoever leaves a page with conditions that were not saved is asked by the browser. ----

let leavingOnPurpose = false;

document.addEventListener("submit", () => {
  leavingOnPurpose = true;
  setTimeout(() => (leavingOnPurpose = false), 1000); // htmx stays on the page
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-unsaved]") && !leavingOnPurpose) event.preventDefault();
});

// ---- A page's form is sent once, however often its button is pressed: a slow network answers late. ----

const PATIENCE = 30_000; // as long as htmx waits
let sent = new WeakSet(); // not noted in the page, which may be drawn anew meanwhile

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || "download" in form.dataset) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  const since = sent;
  setTimeout(() => since.delete(form), PATIENCE);
});

// A page that the browser had put aside while something was on its way waits for an answer that it will not get.
window.addEventListener("pageshow", (event) => {
  sent = new WeakSet();
  if (event.persisted && document.querySelector(".htmx-request")) location.reload();
});

// ---- Enter in a field of its own does what stands beside it, not what the form's first button does. ----

document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && document.getElementById(event.target.dataset?.enter);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// ---- The counter says when it is not up to date; an answer that was overtaken is no failure. ----

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target?.id !== "figures" || !staleNote()) return;
  staleNote().hidden = true;
  if (document.getElementById("text-error")) message().setAttribute("aria-invalid", "true");
  else message().removeAttribute("aria-invalid");
});

// What changed is said after a pause, not at each key.
let pause = 0;
document.addEventListener("htmx:after:swap", () => {
  const news = document.querySelector("#figures [data-announce]:not([data-said])");
  if (!news) return;
  news.dataset.said = "";
  clearTimeout(pause);
  pause = setTimeout(() => live(news.dataset.announce), 1500);
});

function staleNote() {
  return document.querySelector(".stale-note");
}
