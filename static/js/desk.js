// The desk by keyboard, and words to hide chosen by selecting them. Without this file every form still works.
(function () {
  "use strict";

  // Keys. A button's or summary's own key is in data-key; nothing is heard while somebody types.

  function isTyping(target) {
    return target.closest && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  }

  function keyOf(event) {
    // On a keyboard of another script the place of the key counts, so that an Arabic keyboard works as well.
    if (/^[a-z?]$/i.test(event.key)) return event.key.toLowerCase();
    if (event.key === "؟") return "?";
    return event.key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
  }

  function press(target) {
    if (target.matches("summary")) {
      var way = target.parentElement;
      way.open = !way.open;
      var first = way.open && way.querySelector("select, textarea, input:not([type=hidden])");
      (first || target).focus();
    } else if (target.form && "hide" in target.form.dataset && !target.form.elements.spans.value && !target.form.elements.words.value) {
      // Nothing is marked yet: show where it can be.
      target.closest("details").open = true;
      target.form.elements.words.focus();
    } else {
      target.click();
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || isTyping(event.target)) return;
    var key = keyOf(event);
    var target = key && document.querySelector('[data-key="' + key + '"]');
    if (!target) return;
    event.preventDefault();
    press(target);
  });

  // A form is sent once: a second press on a slow line would be a second decision. The server holds that as well.
  document.addEventListener("submit", function (event) {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // The letter's draft follows the reason, until somebody has written in it.
  document.querySelectorAll("form[data-drafts]").forEach(function (form) {
    var drafts = JSON.parse(form.dataset.drafts);
    var letter = form.elements.letter;
    var draft = letter.value;
    form.elements.reason.addEventListener("change", function () {
      if (letter.value !== draft || !(this.value in drafts)) return;
      letter.value = draft = drafts[this.value];
      draft = letter.value;
    });
  });

  // Words to hide. The server counts in code points of the story as it is kept: line breaks stand there as one
  // character each, an empty line as two, and an emoji beyond the first 65,536 characters as one.

  var story = document.getElementById("story");
  var hide = document.querySelector("form[data-hide]");
  if (!story || !hide) return;

  function lengthOf(node) {
    if (node.nodeType === Node.TEXT_NODE) return Array.from(node.data).length;
    if (node.nodeName === "BR") return 0; // the line end after it is in the text that follows
    return Array.from(node.childNodes).reduce(function (sum, child) { return sum + lengthOf(child); }, 0);
  }

  // Where a place in the page is in the story: the beginning of its paragraph and what stands before it there.
  function placeOf(node, offset) {
    var paragraphs = Array.from(story.querySelectorAll("[data-begins]"));
    var before = document.createRange();
    before.setStart(story, 0);
    before.setEnd(node, offset);
    var last = paragraphs.filter(function (paragraph) {
      return before.comparePoint(paragraph, 0) === 0 || paragraph.contains(node);
    }).pop();
    if (!last) return 0;
    var within = document.createRange();
    within.selectNodeContents(last);
    if (last.contains(node)) within.setEnd(node, offset);
    var fragment = within.cloneContents();
    var counted = lengthOf(fragment);
    // A range that ends right after a <br> has not reached the line end that the <br> stands for.
    var tail = fragment.lastChild;
    if (tail && (tail.nodeName === "BR" || (tail.nodeType === Node.TEXT_NODE && tail.data === "" && tail.previousSibling))) {
      counted += 1;
    }
    return Number(last.dataset.begins) + counted;
  }

  function chosenSpans() {
    var selection = getSelection();
    var spans = [];
    for (var index = 0; index < selection.rangeCount; index += 1) {
      var range = selection.getRangeAt(index).cloneRange();
      if (range.collapsed || !range.intersectsNode(story)) continue;
      if (!story.contains(range.startContainer)) range.setStart(story, 0);
      if (!story.contains(range.endContainer)) range.setEnd(story, story.childNodes.length);
      var start = placeOf(range.startContainer, range.startOffset);
      var end = placeOf(range.endContainer, range.endOffset);
      if (start < end) spans.push({ place: start + "-" + end, words: range.toString() });
    }
    return spans;
  }

  var shown = document.createElement("p");
  shown.className = "chosen";
  shown.dir = "auto";
  shown.hidden = true;
  hide.querySelectorAll("[data-with-script]").forEach(function (hint) {
    hint.hidden = false;
    hint.after(shown);
  });

  document.addEventListener("selectionchange", function () {
    var spans = chosenSpans();
    // A selection that ends because a button was pressed is still meant.
    if (!spans.length) return;
    hide.elements.spans.value = spans.map(function (span) { return span.place; }).join(",");
    shown.textContent = spans.map(function (span) { return span.words; }).join(" … ");
    shown.hidden = false;
  });

  hide.elements.words.addEventListener("input", function () {
    if (!this.value) return;
    hide.elements.spans.value = "";
    shown.hidden = true;
  });
})();
