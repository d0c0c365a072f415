// Only what HTML and htmx cannot do: the page's dialog, the 480 characters at the caret, tags at the caret.

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

document.addEventListener("htmx:after:swap", () => {
  const box = dialog();
  if (!box || box.childElementCount === 0) return;
  const first = !box.open;
  if (first) {
    box.setAttribute("aria-labelledby", "dialog-title");
    box.showModal();
  }
  const focus = box.querySelector("[data-focus]:not([data-focused])") || (first && box.querySelector("#dialog-title"));
  if (focus) {
    focus.dataset.focused = "";
    focus.focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#dialog [data-close-dialog]")) {
    event.preventDefault();
    dialog().close();
  }
});

document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  keepDraft();
  dialog().replaceChildren();
  if (opener?.isConnected) opener.focus();
}, true);

// ---- What is typed is kept as a draft, however the popup is left. ----

function keepDraft() {
  const form = document.querySelector("form[data-draft-url]");
  if (form) navigator.sendBeacon(form.dataset.draftUrl, new FormData(form));
}

window.addEventListener("pagehide", keepDraft);

// ---- The message field: what is newly typed beyond the maximum is dropped at the caret, nothing else. ----

const points = (text) => [...text];
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

// An input method cannot be stopped while it composes: what it wrote too much is taken back at its end.
document.addEventListener("compositionend", (event) => {
  const area = field(event);
  if (!area) return;
  const excess = points(area.value).length - Number(area.dataset.max);
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

const message = () => document.querySelector("textarea[data-max]");
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

// ---- The counter says when it is not up to date; an answer that was overtaken is no failure. ----

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.sourceElement?.id === "figures" && staleNote()) staleNote().hidden = false;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.sourceElement?.id === "figures" && staleNote()) staleNote().hidden = true;
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
