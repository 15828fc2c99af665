# The same in Ciw: see mm1_simpy.py.
import json
import sys
import time

import ciw


def main():
    jobs, load, seed = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(load)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[1])
    simulation = ciw.Simulation(network)
    started = time.perf_counter()
    simulation.simulate_until_max_customers(jobs)
    seconds = time.perf_counter() - started
    responses = [r.waiting_time + r.service_time for r in simulation.get_all_records()]
    print(json.dumps({"version": ciw.__version__, "jobs_per_s": jobs / seconds,
                      "mean": sum(responses) / len(responses)}))


main()
