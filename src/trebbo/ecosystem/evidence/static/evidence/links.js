// Single keys for the review queue: each clicks the button that names it; they can be turned off.
(function () {
  "use strict";

  const MEMORY = "trebbo-links-keys";
  const panel = document.getElementById("links-keys");
  const toggle = document.getElementById("links-keys-on");
  if (!panel || !toggle) return;

  function remembered() {
    try { return window.localStorage.getItem(MEMORY) !== "off"; } catch { return true; }
  }

  function show() {
    panel.classList.toggle("links-off", !toggle.checked);
  }

  toggle.checked = remembered();
  panel.hidden = false;
  show();
  toggle.addEventListener("change", () => {
    try { window.localStorage.setItem(MEMORY, toggle.checked ? "on" : "off"); } catch { /* not kept */ }
    show();
  });

  const NAMES = { ArrowRight: "j", ArrowLeft: "k" };
  const TYPED_IN = "input:not([type=checkbox]), textarea, select, [contenteditable]";

  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.repeat || event.defaultPrevented || event.target.closest(TYPED_IN)) return;
    if (document.querySelector("#review.htmx-request, #review .htmx-request")) return;
    const key = NAMES[event.key] || event.key;
    if (!/^[arsjku]$/.test(key)) return;
    const meant = document.querySelector(`#review [data-key="${key}"]`);
    if (!meant) return;
    event.preventDefault();
    meant.click();
  });
})();
