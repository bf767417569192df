// Comfort only; every page works without it. A second press of a button that must work once is swallowed;
// after a refusal the summary of what is wrong is read first.
"use strict";
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
// the browser may bring the page back from its memory as it was left
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
document.querySelector('.error-summary[role="alert"]')?.focus();
