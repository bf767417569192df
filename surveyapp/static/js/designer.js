// Comfort only; every page of a draft works without it: saves while somebody types, and lets things be dragged to their place.
"use strict";
const PAUSE = 4000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  if (!status) continue;
  let waiting = null;
  let stopped = false;
  let busy = false;
  let chain = Promise.resolve();
  const say = (words) => { status.textContent = words; };

  async function save() {
    busy = true;
    const body = new FormData(form);
    const answer = await fetch(form.action, {method: "POST", body, headers: {"X-Autosave": "1"}, redirect: "error"});
    const told = await answer.json();
    if (answer.ok) {
      for (const each of document.querySelectorAll('input[name="revision"]')) each.value = told.revision;
      const now = new Date().toLocaleTimeString("vi-VN", {hour: "2-digit", minute: "2-digit"});
      say(`Đã tự lưu lúc ${now}`);
      const shown = document.querySelector("iframe[data-preview]");
      if (shown) shown.contentWindow.location.reload();
    } else if (answer.status === 409) {
      stopped = true;
      document.querySelector("[data-stale]").hidden = false;
      say("Chưa tự lưu được");
    } else {
      say(`Chưa tự lưu được: ${told.message}`);
    }
  }

  form.addEventListener("input", () => {
    if (stopped) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      chain = chain.then(save).catch(() => say("Chưa tự lưu được; bấm “Lưu”.")).finally(() => { busy = false; });
    }, PAUSE);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    stopped = true;
    if (!busy) return;
    // a save that is under way changes the revision: the button waits for it, and is pressed again outside of this event
    event.preventDefault();
    const button = event.submitter;
    chain.finally(() => setTimeout(() => form.requestSubmit(button)));
  });
}

const place = document.getElementById("place");
let dragged = null;
if (place) {
  for (const each of document.querySelectorAll("[data-question], [data-page]")) {
    each.draggable = true;
    each.addEventListener("dragstart", (event) => {
      event.stopPropagation();
      dragged = each;
      each.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
    });
    each.addEventListener("dragend", () => { each.classList.remove("dragged"); dragged = null; });
    each.addEventListener("dragover", (event) => {
      if (!dragged || !fits(each)) return;
      event.preventDefault();
      event.stopPropagation();
      each.classList.add("drop-here");
    });
    each.addEventListener("dragleave", () => each.classList.remove("drop-here"));
    each.addEventListener("drop", (event) => {
      if (!dragged || !fits(each)) return;
      event.preventDefault();
      event.stopPropagation();
      drop(each);
    });
  }
}

// a question goes before another question, or to the end of a page; a page goes to the place of another page
function fits(target) {
  return target !== dragged && (dragged.dataset.question ? true : Boolean(target.dataset.page));
}

function drop(target) {
  const {name, page, position} = place.elements;
  if (dragged.dataset.question) {
    const section = target.closest("[data-page]");
    name.value = dragged.dataset.question;
    page.value = section.dataset.page;
    let at = target.dataset.question ? Number(target.dataset.position) : section.querySelectorAll("[data-question]").length;
    // it leaves its own place first
    if (dragged.closest("[data-page]") === section && Number(dragged.dataset.position) < at) at -= 1;
    position.value = at;
  } else {
    name.value = dragged.dataset.page;
    page.value = "";
    position.value = target.dataset.position;
  }
  place.requestSubmit();
}
document.querySelector('.error-summary[role="alert"]')?.focus();
