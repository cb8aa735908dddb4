# SPDX-License-Identifier: Apache-2.0
"""Makes the reference values of BacktestReferenceTest: python3 reference.py > reference.json

Made with scipy 1.17.1 and numpy. Inputs are float32, all figures float64.
"""

import json

import numpy as np
from scipy.stats import spearmanr


def figures(blocks):
    active, candidate, cosines, within, lost = [], [], [], [], 0
    for block in blocks:
        ours, theirs = block["active"], block["candidate"]
        finite = np.isfinite(theirs["values"]) & np.isfinite(theirs["gradients"]).all(axis=2)
        lost += (~finite).sum()
        for context in range(finite.shape[0]):
            keep = finite[context]
            a, c = ours["values"][context][keep], theirs["values"][context][keep]
            active.append(a)
            candidate.append(c)
            if len(set(a.tolist())) > 1 and len(set(c.tolist())) > 1:
                within.append(spearmanr(a, c).statistic)
            g = ours["gradients"][context][keep].astype(np.float64)
            h = theirs["gradients"][context][keep].astype(np.float64)
            norms = np.linalg.norm(g, axis=1), np.linalg.norm(h, axis=1)
            both = (norms[0] > 0) & (norms[1] > 0)
            cosine = np.zeros(len(g))
            cosine[both] = (g * h).sum(axis=1)[both] / (norms[0] * norms[1])[both]
            cosines.append(cosine[(norms[0] > 0) | (norms[1] > 0)])
    active = np.concatenate(active).astype(np.float64)
    candidate = np.concatenate(candidate).astype(np.float64)
    cosines = np.concatenate(cosines)
    edges = np.histogram_bin_edges(np.concatenate([active, candidate]), bins=20)
    return {
        "particles": int(len(active) + lost),
        "groups": len(blocks),
        "nonFinite": lost / (len(active) + lost),
        "rank": spearmanr(active, candidate).statistic,
        "rankWithin": np.mean(within),
        "meanShift": (candidate.mean() - active.mean()) / active.std(),
        "stdRatio": candidate.std() / active.std(),
        "gradCosine": cosines.mean(),
        "gradCosineQ05": np.quantile(cosines, 0.05),
        "histogram": {
            "edges": edges.tolist(),
            "active": np.histogram(active, bins=edges)[0].tolist(),
            "candidate": np.histogram(candidate, bins=edges)[0].tolist(),
        },
    }


def block(random, contexts, particles, d, agreement, step=0.0, broken=0):
    def rewards(values, gradients):
        if step:
            values = np.round(values / step) * step
            gradients = np.where(np.abs(gradients) < 0.5, 0, gradients)
        return {"values": values.astype(np.float32), "gradients": gradients.astype(np.float32)}

    values = random.normal(size=(contexts, particles)) + random.normal(size=(contexts, 1))
    gradients = random.normal(size=(contexts, particles, d))
    active = rewards(values, gradients)
    candidate = rewards(
        0.3 + agreement * values + random.normal(size=values.shape),
        agreement * gradients + random.normal(size=gradients.shape),
    )
    for _ in range(broken):
        at = random.integers(contexts), random.integers(particles)
        if random.random() < 0.5:
            candidate["values"][at] = random.choice([np.nan, np.inf])
        else:
            candidate["gradients"][at][random.integers(d)] = -np.inf
    return {"contexts": contexts, "particles": particles, "d": d,
            "active": active, "candidate": candidate}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
        return [names.get(str(number), number) for number in value.ravel().tolist()]
    return value


def main():
    random = np.random.default_rng(20261101)
    cases = {
        "one context, agreeing": [block(random, 1, 60, 2, 2.0) for _ in range(3)],
        "contexts, ties and zero gradients": [
            block(random, 4, 12, 3, 1.0, step=0.5) for _ in range(3)],
        "contexts of two particles": [block(random, 20, 2, 1, 0.2, step=1.0)],
        "disagreeing, numbers that are not finite": [
            block(random, 3, 25, 4, -0.5, broken=6) for _ in range(2)],
    }
    out = []
    for name, blocks in cases.items():
        given = [{key: plain(one) for key, one in block.items()} for block in blocks]
        out.append({"name": name, "blocks": given, "expected": figures(blocks)})
    print(json.dumps(out, indent=None, default=float).replace('{"name"', '\n{"name"'))


if __name__ == "__main__":
    main()
