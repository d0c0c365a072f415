// Only what HTML and htmx cannot do: opening and closing the page's dialog.

const dialog = () => document.getElementById("dialog");

// A fragment that arrives in the dialog opens it; the heading takes the focus, never a button.
document.addEventListener("htmx:after:swap", () => {
  const box = dialog();
  if (box && !box.open && box.childElementCount > 0) {
    box.showModal();
    (box.querySelector("[autofocus]") || box.querySelector("#dialog-title"))?.focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#dialog [data-close-dialog]")) {
    event.preventDefault();
    dialog().close();
  }
});

document.addEventListener("close", (event) => {
  if (event.target === dialog()) dialog().replaceChildren();
}, true);
