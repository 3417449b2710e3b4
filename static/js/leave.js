// Leaving at once: this page's place in the history is taken over, and the screen goes blank before the next page has come.
// Without this script the link still leaves; only the history entry stays. It cannot clear the pages opened before this one.
(function () {
  "use strict";
  var link = document.querySelector("[data-leave]");
  if (!link) return;

  function leave(event) {
    if (event) event.preventDefault();
    document.documentElement.classList.add("leaving");
    document.title = "\u200e";
    location.replace(link.href);
  }

  link.addEventListener("click", function (event) {
    if (!event.metaKey && !event.ctrlKey && !event.shiftKey) leave(event);
  });

  var last = 0;
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.repeat || event.isComposing) return;
    var now = Date.now();
    if (now - last < 1000) leave(event);
    last = now;
  });

  addEventListener("pageshow", function (event) {
    if (event.persisted) document.documentElement.classList.remove("leaving");
  });
})();
