// The session has ended: the login opens over the page and its dialog, and what was typed waits behind it.

const loginDialog = document.getElementById("login-dialog");

document.addEventListener("login-needed", (event) => {
  if (loginDialog.open) event.stopPropagation(); // is asked for already; what is typed there stays
}, true);

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx?.target !== loginDialog || loginDialog.childElementCount === 0) return;
  if (!loginDialog.open) loginDialog.showModal();
  (loginDialog.querySelector("[aria-invalid]") ?? loginDialog.querySelector("[name=login]")).focus();
});

document.addEventListener("logged-in", () => loginDialog.close());

loginDialog.addEventListener("close", () => loginDialog.replaceChildren());
