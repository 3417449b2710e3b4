// Words to hide, or to give a theme, chosen by selecting them in the story.
//
// The server counts in code points of the story as it is kept: line breaks stand there as one character each, an
// empty line as two, and an emoji beyond the first 65,536 characters as one.
(function () {
  "use strict";

  var story = document.getElementById("story");
  var hide = document.querySelector("form[data-hide], form[data-marks-words]");
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
    // Words that are folded are not seen, and what is not seen is not meant, even when all of the page is selected.
    if (story.closest("details:not([open])")) return [];
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
