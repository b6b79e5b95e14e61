#!/usr/bin/env python3
"""Loads two Hugging Face folders with transformers and compares their logits: a checkpoint, and the one that `caprl` saved.

    python scripts/check_with_transformers.py ORIGINAL SAVED [--tolerance 1e-6]

Both see the same prompt (with an image where the model sees), prepared by each folder's own tokenizer, chat template and image processor.
Prints the largest difference of the logits and whether the greedy continuations are equal; exit code 1 where the difference is above
the tolerance, where ids differ, or where transformers reports missing or unexpected weights. After training, logits differ as they should:
compare a folder with a copy that was saved without a step, or give --tolerance inf to check only that transformers loads the folder.
"""
import argparse
import sys

import torch
from PIL import Image
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, GenerationConfig

QUESTION = "Please describe this image in detail. 1, 2 or 3?"


def load(folder):
    """Inputs of the prompt, logits after each of its tokens, 16 greedy ids, and complaints about weights."""
    sees = getattr(AutoConfig.from_pretrained(folder), "vision_config", None) is not None
    model_class = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    model, notes = model_class.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    model.eval()
    model.generation_config = GenerationConfig()
    prepare = (AutoProcessor if sees else AutoTokenizer).from_pretrained(folder)
    content = [{"type": "image"}, {"type": "text", "text": QUESTION}] if sees else QUESTION
    if prepare.chat_template:
        text = prepare.apply_chat_template([{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True)
    elif sees:
        sys.exit(f"{folder}: a model that sees needs a chat template")
    else:
        text = QUESTION
    inputs = prepare(text=[text], images=[Image.linear_gradient("L").convert("RGB")], return_tensors="pt") if sees else prepare(
        [text], return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits
        ids = model.generate(**inputs, generation_config=GenerationConfig(max_new_tokens=16, do_sample=False))
    complaints = {k: sorted(str(n) for n in notes[k]) for k in ("missing_keys", "unexpected_keys", "mismatched_keys") if notes.get(k)}
    return inputs, logits, ids, complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("original")
    parser.add_argument("saved")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="largest difference of logits that passes")
    options = parser.parse_args()
    inputs, logits, ids, _ = load(options.original)
    saved_inputs, saved_logits, saved_ids, complaints = load(options.saved)
    for name, value in inputs.items():
        if not torch.equal(value, saved_inputs[name]):
            sys.exit(f"the folders prepare another {name}: their tokenizer or processor files differ")
    difference = (logits - saved_logits).abs().max().item()
    same = torch.equal(ids, saved_ids)
    print(f"max |Δlogits| {difference:.3g} over {logits.shape[1]} tokens x {logits.shape[2]} entries; "
          f"greedy ids {'equal' if same else 'differ'}")
    for kind, names in complaints.items():
        print(f"{options.saved}: {kind}: {', '.join(names)}")
    finite = torch.isfinite(saved_logits).all().item()
    unbounded = options.tolerance == float("inf")
    if complaints or not finite or not difference <= options.tolerance or not (same or unbounded):
        sys.exit(1)


if __name__ == "__main__":
    main()
