#!/usr/bin/env python3
"""Loads Hugging Face folders with transformers and compares them: a checkpoint with the one that `caprl` saved or exported, and what
`caprl caption` wrote with what transformers writes.

    python scripts/check_with_transformers.py ORIGINAL SAVED [--tolerance 1e-6]
    python scripts/check_with_transformers.py ORIGINAL SAVED --rounded              # SAVED is bfloat16: ORIGINAL is rounded to it first
    caprl caption --model SAVED --image a.png b.png --json > captions.json
    python scripts/check_with_transformers.py ORIGINAL SAVED --captions captions.json

Both folders see the same prompt (with an image where the model sees), prepared by each folder's own tokenizer, chat template and image
processor, and compute in float32. Prints the largest difference of the logits and whether the greedy continuations are equal. With
--captions, transformers writes the greedy caption of each image with SAVED, and text and summed log-probability are compared with the
file's; its captions must be greedy (the default of `caprl caption`) and of the default prompt.

Exit code 1 where a difference is above the tolerance, where ids or texts differ, or where transformers reports missing or unexpected
weights. After training, logits differ as they should: compare a folder with a copy that was saved without a step, or give
--tolerance inf to check only that transformers loads the folder.
"""
import argparse
import json
import sys

import torch
from PIL import Image
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, GenerationConfig

QUESTION = "Please describe this image in detail. 1, 2 or 3?"
# A space follows the mark of the image in the default prompt of caprl.
CAPTION_PROMPT = " Please describe this image in detail."
LOGPROB_TOLERANCE = 1e-3


class Loaded:
    """A model in float32 with what prepares its inputs, and complaints about its weights."""

    def __init__(self, folder):
        config = AutoConfig.from_pretrained(folder)
        self.folder = folder
        self.sees = getattr(config, "vision_config", None) is not None
        model_class = AutoModelForImageTextToText if self.sees else AutoModelForCausalLM
        self.model, notes = model_class.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
        self.model.eval()
        self.ends = self.model.generation_config.eos_token_id
        self.model.generation_config = GenerationConfig()
        self.prepare = (AutoProcessor if self.sees else AutoTokenizer).from_pretrained(folder)
        kinds = ("missing_keys", "unexpected_keys", "mismatched_keys")
        self.complaints = {k: sorted(str(n) for n in notes[k]) for k in kinds if notes.get(k)}

    def round(self):
        """Rounds every weight to bfloat16."""
        with torch.no_grad():
            for weight in self.model.parameters():
                weight.copy_(weight.bfloat16().float())

    def inputs(self, question, image):
        content = [{"type": "image"}, {"type": "text", "text": question}] if self.sees else question
        if self.prepare.chat_template:
            text = self.prepare.apply_chat_template([{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True)
        elif self.sees:
            sys.exit(f"{self.folder}: a model that sees needs a chat template")
        else:
            text = question
        return self.prepare(text=[text], images=[image], return_tensors="pt") if self.sees else self.prepare([text], return_tensors="pt")

    def greedy(self, inputs, tokens, ends=None):
        """The ids that follow the prompt."""
        config = GenerationConfig(max_new_tokens=tokens, do_sample=False, eos_token_id=ends)
        with torch.no_grad():
            return self.model.generate(**inputs, generation_config=config)[0, inputs["input_ids"].shape[1]:]


def compare_folders(original, saved, tolerance):
    image = Image.linear_gradient("L").convert("RGB")
    inputs, saved_inputs = original.inputs(QUESTION, image), saved.inputs(QUESTION, image)
    for name, value in inputs.items():
        if not torch.equal(value, saved_inputs[name]):
            sys.exit(f"the folders prepare another {name}: their tokenizer or processor files differ")
    with torch.no_grad():
        logits, saved_logits = original.model(**inputs).logits, saved.model(**saved_inputs).logits
    difference = (logits - saved_logits).abs().max().item()
    same = torch.equal(original.greedy(inputs, 16), saved.greedy(saved_inputs, 16))
    print(f"max |Δlogits| {difference:.3g} over {logits.shape[1]} tokens x {logits.shape[2]} entries; "
          f"greedy ids {'equal' if same else 'differ'}")
    finite = torch.isfinite(saved_logits).all().item()
    return finite and difference <= tolerance and (same or tolerance == float("inf"))


def compare_captions(saved, file):
    right, largest = True, 0.0
    with open(file, encoding="utf-8") as rows:
        images = json.load(rows)
    for row in images:
        ours = row["captions"][0]
        inputs = saved.inputs(CAPTION_PROMPT, Image.open(row["image"]).convert("RGB"))
        ids = saved.greedy(inputs, ours["tokens"], saved.ends)
        text = saved.prepare.decode(ids, skip_special_tokens=True)
        whole = {**inputs, "input_ids": torch.cat([inputs["input_ids"][0], ids])[None]}
        whole["attention_mask"] = torch.ones_like(whole["input_ids"])
        if "mm_token_type_ids" in whole:
            whole["mm_token_type_ids"] = torch.nn.functional.pad(whole["mm_token_type_ids"], (0, len(ids)))
        with torch.no_grad():
            logprobs = saved.model(**whole).logits[0, -len(ids) - 1:-1].log_softmax(-1)
        difference = abs(logprobs.gather(1, ids[:, None]).sum().item() - ours["logprob"])
        largest = max(largest, difference)
        if text != ours["text"]:
            right = False
            print(f"{row['image']}: transformers writes {text!r}, caprl {ours['text']!r}")
    print(f"{len(images)} captions: texts {'equal' if right else 'differ'}, max |Δ log-probability| {largest:.3g} of a caption")
    return right and largest <= LOGPROB_TOLERANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("original")
    parser.add_argument("saved")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="largest difference of logits that passes")
    parser.add_argument("--rounded", action="store_true", help="round the weights of ORIGINAL to bfloat16 before they are compared")
    parser.add_argument("--captions", help="output of `caprl caption --model SAVED … --json`")
    options = parser.parse_args()
    original, saved = Loaded(options.original), Loaded(options.saved)
    if options.rounded:
        original.round()
    right = compare_folders(original, saved, options.tolerance)
    for kind, names in saved.complaints.items():
        print(f"{options.saved}: {kind}: {', '.join(names)}")
    if options.captions:
        right &= compare_captions(saved, options.captions)
    if saved.complaints or not right:
        sys.exit(1)


if __name__ == "__main__":
    main()
