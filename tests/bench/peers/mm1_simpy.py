# An M/M/1 queue at a load, in SimPy as its documentation would have it: jobs a second of wall time
# and the mean response in mean service times. usage: mm1_simpy.py JOBS LOAD SEED
import json
import random
import sys
import time

import simpy


def main():
    jobs, load, seed = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    draw = random.Random(seed)
    responses = []

    def job(env, server):
        arrived = env.now
        with server.request() as request:
            yield request
            yield env.timeout(draw.expovariate(1.0))
        responses.append(env.now - arrived)

    def source(env, server):
        for _ in range(jobs):
            yield env.timeout(draw.expovariate(load))
            env.process(job(env, server))

    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    started = time.perf_counter()
    env.process(source(env, server))
    env.run()
    seconds = time.perf_counter() - started
    print(json.dumps({"version": simpy.__version__, "jobs_per_s": jobs / seconds,
                      "mean": sum(responses) / len(responses)}))


main()
