// Runs before the page is drawn: says that scripts work, and keeps libraries from adding styles.
document.documentElement.classList.add("scripted");
window.VIDEOJS_NO_DYNAMIC_STYLE = true;

// The error summary takes the focus, so that it is read first.
document.addEventListener("DOMContentLoaded", () => {
  const summary = document.querySelector(".trebbo-errors");
  if (summary) summary.focus();
});
