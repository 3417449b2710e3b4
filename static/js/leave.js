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
    if (link.dataset.leave !== "escape" || event.key !== "Escape" || event.repeat || event.isComposing) return;
    var now = Date.now();
    if (now - last < 1000) leave(event);
    last = now;
  });

  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    link.blur();
    document.documentElement.classList.remove("leaving");
  });

  // A page made larger with two fingers, or a keyboard that lies on the page: the bar keeps to what can be seen of it,
  // in its own size. Moves of less than a keyboard are the browser's own bars, which move it by themselves.
  var seen = window.visualViewport;
  var bar = link.parentElement;
  var SHORTEST_KEYBOARD = 100; // CSS pixels

  function stayInView() {
    bar.style.transform = "";
    var box = bar.getBoundingClientRect();
    var isAbove = getComputedStyle(bar).bottom !== "0px";
    var down = isAbove ? seen.offsetTop - box.top : seen.offsetTop + seen.height - box.bottom;
    if (seen.scale < 1.01 && Math.abs(down) < SHORTEST_KEYBOARD) return;
    var across = seen.offsetLeft - box.left;
    bar.style.transform = "translate(" + across + "px," + down + "px) scale(" + seen.width / box.width + ")";
  }

  if (!seen) return;
  seen.addEventListener("resize", stayInView);
  seen.addEventListener("scroll", stayInView);
})();
