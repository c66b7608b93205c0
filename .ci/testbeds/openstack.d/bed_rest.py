"""What is asked of the bed over REST: `endpoints`, `image`, and `computes`, how many hosts serve.

usage: bed_rest.py VERB ADDRESS PASSWORD NAME=PORT…
"""
import json
import sys
import urllib.request

verb, address, password, *rest = sys.argv[1:]
ports = dict(item.split('=') for item in rest)
token = None


def call(method, url, body=None, **headers):
    if isinstance(body, dict):
        body, headers['Content-Type'] = json.dumps(body).encode(), 'application/json'
    if token:
        headers['X-Auth-Token'] = token
    request = urllib.request.Request(url, body, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return answer.headers, json.loads(text) if text else {}


def url(name, path):
    return f'http://{address}:{ports[name]}{path}'


default = {'id': 'default'}
headers, body = call('POST', url('keystone', '/v3/auth/tokens'), {'auth': {
    'identity': {'methods': ['password'],
                 'password': {'user': {'name': 'admin', 'domain': default, 'password': password}}},
    'scope': {'project': {'name': 'admin', 'domain': default}}}})
token, user, project = headers['X-Subject-Token'], body['token']['user']['id'], body['token']['project']['id']

if verb == 'endpoints':
    def listed(path, key):
        return call('GET', url('keystone', f'/v3/{path}'))[1][key]
    roles = {role['name']: role['id'] for role in listed('roles', 'roles')}
    if 'service' not in roles:
        roles['service'] = call('POST', url('keystone', '/v3/roles'), {'role': {'name': 'service'}})[1]['role']['id']
    call('PUT', url('keystone', f'/v3/projects/{project}/users/{user}/roles/{roles["service"]}'))
    services = {entry['type']: entry['id'] for entry in listed('services', 'services')}
    known = {(entry['service_id'], entry['interface']) for entry in listed('endpoints', 'endpoints')}
    for kind, name, path in (('compute', 'nova', '/v2.1'), ('placement', 'placement', ''),
                             ('image', 'glance', ''), ('network', 'neutron', '')):
        service = services.get(kind) or call('POST', url('keystone', '/v3/services'), {
            'service': {'type': kind, 'name': name}})[1]['service']['id']
        for interface in ('public', 'internal', 'admin'):
            if (service, interface) not in known:
                call('POST', url('keystone', '/v3/endpoints'), {'endpoint': {
                    'service_id': service, 'interface': interface, 'url': url(name, path), 'region_id': 'RegionOne'}})
elif verb == 'image':
    if not call('GET', url('glance', '/v2/images?name=placet-test'))[1]['images']:
        image = call('POST', url('glance', '/v2/images'), {
            'name': 'placet-test', 'disk_format': 'raw', 'container_format': 'bare',
            'hw_vif_model': 'e1000', 'hw_disk_bus': 'ide'})[1]['id']
        call('PUT', url('glance', f'/v2/images/{image}/file'), b'nothing to boot',
             **{'Content-Type': 'application/octet-stream'})
else:
    hosts = call('GET', url('nova', '/v2.1/os-hypervisors/detail'),
                 **{'OpenStack-API-Version': 'compute 2.79'})[1]['hypervisors']
    told = {entry['uuid'] for entry in call(
        'GET', url('placement', '/resource_providers?resources=MEMORY_MB:1'),
        **{'OpenStack-API-Version': 'placement 1.20'})[1]['resource_providers']}
    print(sum(host['state'] == 'up' and host['id'] in told for host in hosts))
