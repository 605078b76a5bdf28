// Public pages work without this file. It only adds the copy buttons and guards against a second press.
(() => {
  "use strict";

  const say = (text) => {
    const live = document.getElementById("live");
    if (!live || !text) return;
    live.textContent = "";
    // A new turn, so that the same sentence twice is announced twice.
    setTimeout(() => { live.textContent = text; }, 50);
  };

  const words = () => document.body.dataset;

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(words().textCopied);
      const shown = button.querySelector("[data-copy-text]");
      if (!shown || shown.dataset.idle) return;
      shown.dataset.idle = shown.textContent;
      shown.textContent = words().textCopied;
      setTimeout(() => { shown.textContent = shown.dataset.idle; delete shown.dataset.idle; }, 3000);
    } catch {
      say(words().textCopyFailed);
    }
  };

  const showCopyButtons = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });

  // Not aria-busy: that is also set while the page only asks about what was typed, and then a press must count.
  const release = (form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll('[aria-disabled="true"]')) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.idle) button.textContent = button.dataset.idle;
    }
  };

  // One press, one request: the second press of a form that is on its way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "noGuard" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    // What opens in a new tab leaves this page as it is: usable again after a moment.
    if (form.target === "_blank") setTimeout(() => release(form), 4000);
    const button = event.submitter;
    if (!button) return;
    button.setAttribute("aria-disabled", "true");
    if (button.dataset.busy) {
      button.dataset.idle = button.textContent;
      button.textContent = button.dataset.busy;
    }
  }, true);

  // Back from the next page (the browser's page cache), the form must be usable again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) release(form);
  });

  // The same moment on the reader's own clock, when that is another one than the page's.
  const showLocalTimes = () => {
    for (const line of document.querySelectorAll("[data-local-time]")) {
      const text = line.dataset.localTime;
      const [, sign, hours, minutes] = text.match(/([+-])(\d\d):(\d\d)$/) || [null, "+", "00", "00"];
      const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
      const moment = new Date(text);
      if (moment.getTimezoneOffset() === -offset) continue;
      const time = moment.toLocaleString(document.documentElement.lang, {
        month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
        timeZoneName: "short",
      });
      line.textContent = line.dataset.text.replace("{time}", time);
      line.hidden = false;
    }
  };
  showLocalTimes();

  // The clock: <span data-starts-at="…" data-text="あと{}分">
  const tick = () => {
    for (const mark of document.querySelectorAll("[data-starts-at]")) {
      const minutes = Math.ceil((Date.parse(mark.dataset.startsAt) - Date.now()) / 60000);
      if (minutes > 60) continue;
      // The start has passed: the page as it was loaded says no more about it.
      if (minutes < 1) { mark.textContent = ""; continue; }
      mark.textContent = mark.dataset.text.replace("{}", minutes);
      // Not a live region: one polite sentence at five minutes, nothing each minute.
      if (minutes === 5 && !mark.dataset.told) {
        mark.dataset.told = "true";
        say(mark.textContent);
      }
    }
  };
  tick();
  setInterval(tick, 60000);

  // A page that comes with errors starts at the summary.
  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  showCopyButtons(document);
  window.mensetsu = { say, words, release, showCopyButtons };
})();
