// Looks again how far long work is, every few seconds, while the page can be seen. Without this file a link does it.
(function () {
  "use strict";
  var SECONDS = 3;
  if (!document.querySelector("[data-going-on]")) return;
  document.querySelectorAll("[data-without-script]").forEach(function (part) { part.hidden = true; });
  setInterval(function () {
    var typing = document.activeElement && document.activeElement.matches("input, textarea, select, button");
    if (!document.hidden && !typing) location.reload();
  }, SECONDS * 1000);
})();
