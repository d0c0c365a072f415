// Lists as chips: what is typed becomes one at a comma, at Enter, or when the field is left.

const boxOf = (element) => element.closest?.("[data-chips]");

function addChip(box, text) {
  const value = text.trim();
  const present = [...box.querySelectorAll(".chip input")].some((each) => each.value === value);
  if (!value || present) return;
  const chip = box.querySelector("template").content.cloneNode(true);
  const drop = chip.querySelector("button");
  chip.querySelector(".chip-text").textContent = value;
  chip.querySelector("input").value = value;
  drop.setAttribute("aria-label", drop.dataset.drop.replace("%s", value));
  box.querySelector("input[list]").before(chip);
}

function takeIn(field) {
  const known = [...(field.list?.options ?? [])].some((option) => option.value === field.value);
  const texts = known ? [field.value] : field.value.split(/[,;]/);
  for (const text of texts) addChip(boxOf(field), text);
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const isField = (element) => element.matches?.("[data-chips] input[list]");

document.addEventListener("change", (event) => {
  if (isField(event.target) && event.target.value) takeIn(event.target);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!isField(field) || event.isComposing) return;
  if (["Enter", ",", ";"].includes(event.key) && field.value.trim()) {
    event.preventDefault();
    takeIn(field);
  } else if (event.key === "Backspace" && !field.value && field.previousElementSibling) {
    field.previousElementSibling.remove();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

document.addEventListener("click", (event) => {
  const box = boxOf(event.target);
  const drop = event.target.closest?.("[data-drop]");
  if (!box) return;
  const field = box.querySelector("input[list]");
  if (drop) {
    event.preventDefault();
    drop.closest(".chip").remove();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (drop || event.target === box) field.focus();
});

// What is typed while a text becomes a list goes on in the list; a chip of its beginning makes way.

let asked = null; // the text that the list is made of

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const field = ctx.target?.querySelector?.(".value input[type=text]:not([data-chips] *)");
  if (field) asked = { field, text: field.value };
});

document.addEventListener("htmx:before:swap", () => {
  if (asked) asked.focused = document.activeElement === asked.field;
});

document.addEventListener("htmx:after:swap", () => {
  if (!asked || asked.field.isConnected) return;
  const { field, text, focused } = asked;
  const list = document.getElementById(field.id.replace(/-(text|phone)$/, "-more"));
  asked = null;
  if (!list || field.value === text) return;
  for (const chip of boxOf(list).querySelectorAll(".chip")) if (chip.querySelector("input").value === text.trim()) chip.remove();
  list.value = field.value;
  if (focused) list.focus();
  list.dispatchEvent(new Event("input", { bubbles: true }));
});
