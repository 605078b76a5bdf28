// What JavaScript adds to pages that work without it. Needs public.js (copy, double submit) and htmx.
// No eval, no inline handlers, no inline styles: the Content Security Policy forbids them.
(() => {
  "use strict";
  const { say, words, release, showCopyButtons } = window.mensetsu;
  const composing = (event) => event.isComposing || event.keyCode === 229;

  // ---- typed text ----------------------------------------------------------------------------------------------

  // Forms with data-dirty-guard warn before typed text is lost; how often each was edited tells an old answer from a
  // new one (below). First, because the next listener stops events.
  const dirty = new WeakSet();
  const edits = new WeakMap();
  document.addEventListener("input", (event) => {
    const { form } = event.target;
    if (!form) return;
    edits.set(form, (edits.get(form) || 0) + 1);
    if ("dirtyGuard" in form.dataset) dirty.add(form);
  }, true);
  document.addEventListener("submit", (event) => dirty.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    for (const form of document.querySelectorAll("form[data-dirty-guard]")) {
      if (dirty.has(form)) event.preventDefault();
    }
  });

  // Text that a Japanese input method has not committed is nobody's search: htmx must not see these events. The
  // commit itself arrives as `compositionend`, which is one of the triggers. (htmx's own event filters need eval.)
  document.addEventListener("input", (event) => {
    if (event.isComposing && event.target.closest("[hx-trigger]")) event.stopPropagation();
  }, true);

  // ---- htmx ----------------------------------------------------------------------------------------------------

  const token = () => {
    const field = document.querySelector('input[name="csrfmiddlewaretoken"]');
    return field ? field.value : "";
  };
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
    // A check of what was typed says nothing of a form that was sent meanwhile.
    const form = event.detail.elt.closest("form");
    if (form && event.detail.requestConfig?.triggeringEvent?.type === "submit") release(form);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    showCopyButtons(event.target);
    const errors = document.getElementById("errors");
    // Only what the person asked for moves the focus; a passive update never does.
    if (errors && event.detail.requestConfig?.verb !== "get") errors.focus();
    const next = event.target.querySelector?.("[data-focus]");
    if (next) next.focus();
  });

  // An answer brings fields with it, as they stood when the page asked. Where a form with data-live-check was edited
  // since, it would undo the edit: it is dropped, and the form asks again. A word that an input method still holds is
  // left alone; its commit asks.
  const asked = new WeakMap();
  let isComposing = false;
  document.addEventListener("compositionstart", () => { isComposing = true; }, true);
  document.addEventListener("compositionend", () => { isComposing = false; }, true);
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt.closest("form[data-live-check]");
    if (form) asked.set(event.detail, { form, edits: edits.get(form) });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const question = asked.get(event.detail.requestConfig);
    if (!question || question.edits === edits.get(question.form)) return;
    event.detail.shouldSwap = false;
    if (!isComposing) question.form.dispatchEvent(new Event("change"));
  });

  // Trouble on the way is told beside the control that was used.
  const tellTrouble = (event, text) => {
    const at = event.detail.elt;
    const place = at.closest("form, [data-trouble]") || at.parentElement;
    let note = place.querySelector(":scope > [data-trouble-note]");
    if (!note) {
      note = document.createElement("p");
      note.className = "note";
      note.dataset.troubleNote = "";
      note.setAttribute("role", "alert");
      place.append(note);
    }
    note.textContent = text;
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => tellTrouble(event, words().textOffline));
  }
  document.addEventListener("htmx:responseError", (event) => {
    // 401 moves the whole page to the login.
    if (event.detail.xhr.status !== 401) tellTrouble(event, words().textFailed);
  });
  document.addEventListener("htmx:afterOnLoad", (event) => {
    const place = event.detail.elt.closest("form, [data-trouble]") || event.detail.elt.parentElement;
    place?.querySelector(":scope > [data-trouble-note]")?.remove();
  });

  // ---- mail editor: put a tag at the caret ---------------------------------------------------------------------

  let lastField = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-tags-here]")) lastField = event.target;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert-tag]");
    if (!button) return;
    const field = lastField || document.querySelector("textarea[data-tags-here]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.setRangeText(button.dataset.insertTag, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    say(words().textInserted.replace("{tag}", button.dataset.insertTag));
  });

  // ---- lists: select all, ranges, keys -------------------------------------------------------------------------

  let lastBox = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.matches?.("input[type=checkbox][data-select-all]")) {
      for (const other of document.querySelectorAll(`input[type=checkbox][name="${box.dataset.selectAll}"]`)) {
        other.checked = box.checked;
      }
      box.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (box.matches?.("input[type=checkbox][data-range]")) {
      const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${box.name}"]`)];
      if (event.shiftKey && lastBox && boxes.includes(lastBox)) {
        const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
      }
      lastBox = box;
    }
  });

  const rows = () => [...document.querySelectorAll("[data-row] a, a[data-row]")];
  const keys = {
    "/": () => document.querySelector("input[type=search]"),
    j: () => rows()[Math.min(rows().indexOf(document.activeElement) + 1, rows().length - 1)],
    k: () => rows()[Math.max(rows().indexOf(document.activeElement) - 1, 0)],
  };
  document.addEventListener("keydown", (event) => {
    if (!("shortcuts" in document.body.dataset) || composing(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (event.key === "o" && rows().includes(document.activeElement)) {
      document.activeElement.click();
    } else if (event.key === "?" && document.getElementById("shortcuts")) {
      document.getElementById("shortcuts").showModal();
    } else if (keys[event.key]) {
      const target = keys[event.key]();
      if (!target) return;
      event.preventDefault();
      target.focus();
    }
  });

  // A name among those chosen is taken away by its box in the list below, which holds everybody chosen.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unticks]");
    const other = button && document.getElementById(button.dataset.unticks);
    if (!other) return;
    event.preventDefault();
    other.checked = false;
    other.focus({ preventScroll: true });
    for (const name of ["input", "change"]) other.dispatchEvent(new Event(name, { bubbles: true }));
  });

  // ---- dialogs, menus ------------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || composing(event)) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // ---- sections that ask again by themselves --------------------------------------------------------------------

  const polls = (element) => /\bevery \d/.test(element.getAttribute("hx-trigger") || "");
  // A tab that nobody sees asks nothing; when it is seen again, it asks at once.
  document.addEventListener("htmx:configRequest", (event) => {
    if (document.hidden && polls(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll('[hx-trigger*="seen-again"]')) {
      element.dispatchEvent(new Event("seen-again"));
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  for (const button of document.querySelectorAll("[data-print][hidden]")) button.hidden = false;
})();
