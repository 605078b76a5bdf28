// 「表示する」 beside a password: without JavaScript the button stays hidden and the password stays covered.
"use strict";
for (const button of document.querySelectorAll("[data-shows-passwords]")) {
  const inputs = () => button.form.querySelectorAll("[data-password]");
  const show = (visible) => {
    button.setAttribute("aria-pressed", String(visible));
    for (const input of inputs()) input.type = visible ? "text" : "password";
  };
  button.hidden = false;
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
  // Covered again before it is sent, so that no browser keeps it as an ordinary text.
  button.form.addEventListener("submit", () => show(false));
}
